"""A region's persons and their studies: histories of real patients, invented names, numbers, hospitals and days."""

import csv
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

SURNAMES = Path(__file__).resolve().parents[2] / "Sources/Catalogue/Resources/surnames.tsv"

GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建文辉力健宁峰波国庆春梅兰海燕志新晓东林永康德胜雪琴云飞嘉欣怡宇浩然子涵梓轩雨婷思远佳慧天佑"
MIDDLE = ["Văn", "Thị", "Hữu", "Đức", "Minh", "Quang", "Ngọc", "Thanh", "Xuân", "Thu"]
LAST = ["An", "Bình", "Châu", "Dũng", "Đức", "Giang", "Hà", "Hùng", "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Phúc", "Quân",
        "Sơn", "Thảo", "Trang", "Tuấn", "Vinh", "Yến"]

#: Of 40 hospitals those with an even number take the number of the identity card as Patient ID, as many do.
HOSPITALS = 40
#: Share of persons some of whose studies were made at a second hospital.
TRAVELLERS = 0.3
NEWEST = date(2026, 11, 1)
CHECK = "10X98765432"
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def histories(records):
    """Of each real patient: sex, and (record, days since the first) of each study in order."""
    patients = defaultdict(list)
    for number, record in enumerate(records):
        patients[record["patient"]].append((record["date"], number))
    found = []
    for studies in patients.values():
        studies.sort()
        sex = next((records[n]["sex"] for _, n in studies if records[n]["sex"] in ("F", "M")), "")
        days = [day_number(text) for text, _ in studies]
        first = min((d for d in days if d is not None), default=0)
        found.append((sex, [(n, 0 if d is None else d - first) for d, (_, n) in zip(days, studies)]))
    return found


def day_number(text):
    try:
        return date.fromisoformat(text[:10]).toordinal()
    except ValueError:
        return None


class Names:
    def __init__(self, pick):
        self.pick = pick
        with SURNAMES.open() as lines:
            rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["percent"]]
        self.families = {}
        for language in ("zh", "vi"):
            mine = [(row["surname"], float(row["percent"])) for row in rows if row["language"] == language]
            self.families[language] = ([name for name, _ in mine], [share for _, share in mine])

    def name(self):
        """A PN value; Chinese ones stand in the ideographic group."""
        pick = self.pick
        if pick.random() < 0.7:
            family = pick.choices(*self.families["zh"])[0]
            return f"={family}^{''.join(pick.choice(GIVEN) for _ in range(1 + (pick.random() < 0.85)))}"
        return f"{pick.choices(*self.families['vi'])[0]}^{pick.choice(MIDDLE)} {pick.choice(LAST)}"


def card(pick, birth, sex):
    """A number built like that of an identity card (GB 11643-1999), of nobody."""
    digits = f"{pick.choice('123456')}{pick.randrange(1, 7)}{pick.randrange(1, 90):02}{pick.randrange(1, 30):02}{birth:%Y%m%d}"
    digits += f"{pick.randrange(100):02}{pick.randrange(5) * 2 + (sex == 'M')}"
    return digits + CHECK[sum(int(d) * w for d, w in zip(digits, WEIGHTS)) % 11]


class Person:
    __slots__ = ("name", "birth", "sex", "identities", "studies")


def persons(records, count, mean, seed=6):
    """Yields `count` persons with `mean` studies each on average; the first has 5,000.

    A person's studies are the histories of real patients one after another, since a hospital's archive reaches further
    than a trial. `studies` has (record, day, identity); `identities` has (hospital, Patient ID).
    """
    pick = random.Random(seed)
    real = histories(records)
    share = sum(len(studies) for _, studies in real) / len(real)
    names = Names(pick)
    cards = set()
    for number in range(count):
        person = Person()
        sex, studies = pick.choice(real)
        person.sex = sex or pick.choice("FM")
        person.name = names.name()
        person.birth = date(1930, 1, 1) + timedelta(days=pick.randrange(33_000))
        home = pick.randrange(HOSPITALS)
        places = [home]
        if pick.random() < TRAVELLERS:
            places.append((home + pick.randrange(1, HOSPITALS)) % HOSPITALS)
        national = card(pick, person.birth, person.sex)
        while national in cards:
            national = card(pick, person.birth, person.sex)
        cards.add(national)
        person.identities = [(p, national if p % 2 == 0 else f"{p:02}{number:08}") for p in places]
        chain, at = [], 0
        while True:
            chain += [(record, at + day) for record, day in studies]
            if len(chain) >= 5000 or (number and pick.random() < share / mean):
                break
            at = chain[-1][1] + pick.randrange(20, 1200)
            _, studies = pick.choice(real)
        if number == 0:
            chain = chain[:5000]
        reach = min(chain[-1][1], 5500)
        last = NEWEST - timedelta(days=int(pick.expovariate(1 / 700)))
        person.studies = [
            (record, last - timedelta(days=reach - min(day, reach)),
             0 if len(places) == 1 or pick.random() < 0.6 else 1) for record, day in chain]
        yield person
