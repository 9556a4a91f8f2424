"""What a radiologist does on the pages, in Debian's Chromium, on a daemon that holds the fixture studies.

    page_browser.py HTTP_PORT CHROMIUM MANIFEST

Every wait is for a condition and ends after PATIENCE. Each case tells its facts; what the browser complains of (console,
Content-Security-Policy, scripts) and requests to other origins are gathered over all cases.
"""

import contextlib
import json
import re
import sys
import time
from urllib.parse import quote

from playwright.sync_api import expect, sync_playwright

from protocol_wire import emit

PATIENCE = 20_000  # ms
CURRENT, PRIOR, OLD = "studies/12-ct-chest", "studies/11-ct-chest", "studies/10-ct-chest"

# What a canvas shows: its grey levels in sum, a digest, and the part that is not black.
PIXELS = """(canvas) => {
  const { width, height } = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  let sum = 0, digest = 17, left = width, right = -1, top = height, bottom = -1, white = 0;
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
    const value = data[4 * (y * width + x)];
    sum += value;
    if (value > 250) white += 1;
    digest = (digest * 31 + value) >>> 0;
    if (value > 24) { left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y); }
  }
  return { mean: sum / (width * height), digest, span: right - left, center: (left + right) / 2, white: white / (width * height) };
}"""


class Trouble:
    """What the browser complains of."""

    def __init__(self, base):
        self.base = base
        self.console, self.errors, self.elsewhere, self.statuses = [], [], [], []
        self.expected = set()

    def watch(self, page):
        page.on("console", lambda message: message.type in ("error", "warning") and self.console.append(message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: request.url.startswith(self.base + "/") or self.elsewhere.append(request.url))
        page.on("response", self.answered)

    def answered(self, response):
        if response.status >= 400 and response.url not in self.expected:
            self.statuses.append(f"{response.status} {response.url}")


class Desk:
    """A browser as somebody sits before it."""

    def __init__(self, browser, base, trouble):
        self.browser, self.base, self.trouble = browser, base, trouble

    @contextlib.contextmanager
    def page(self, locale="en-GB", **options):
        context = self.browser.new_context(locale=locale, viewport={"width": 1440, "height": 900}, **options)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        self.trouble.watch(page)
        try:
            yield page
        finally:
            context.close()

    def go(self, page, path):
        return page.goto(self.base + path)


def search(desk, uids):
    with desk.page() as page:
        for name, text, found in [
            ("characters", "李建国", uids[CURRENT]), ("pinyin", "li jianguo", uids[CURRENT]),
            ("vietnamese", "Nguyễn Thị Hoa", uids["studies/06-dr-knee-right"]),
            ("without marks", "nguyen thi hoa", uids["studies/06-dr-knee-right"]),
            ("umlaut", "muller", uids["studies/04-dr-chest-pa"]), ("patient id", "HX00010571", uids[CURRENT]),
            ("accession", "HUB26082112", uids[CURRENT]), ("code", "bw23zyzzz", uids[CURRENT]),
("date", "2026-08-21", uids[CURRENT]),
            ("description", "CT胸部平扫", uids[CURRENT]),
        ]:
            desk.go(page, "/")
            page.fill("#q", text)
            page.press("#q", "Enter")
            expect(page.locator("#q")).to_have_value(text)
            emit(f"search {name}", found=page.locator(f'a[href="/studies/{found}"]').count() > 0)
        desk.go(page, "/?q=" + quote("胸部平扫"))
        page.locator(".items a", has_text="BW23ZYZZZ").click()
        expect(page.locator("#q")).to_have_value("BW23ZYZZZ")
        emit("search item", found=page.locator(f'a[href="/studies/{uids[CURRENT]}"]').count() > 0)
        desk.go(page, "/")
        page.select_option('select[name="modality"]', "MR")
        page.click(".filters button")
        expect(page.locator("tbody tr").first).to_be_visible()
        emit("filter", modalities=sorted(set(page.locator("td.modality").all_inner_texts())))
        page.fill("#q", "nobody of that name")
        page.press("#q", "Enter")
        emit("nothing", said=page.locator(".empty").inner_text())


def study(desk, uids):
    with desk.page() as page:
        desk.go(page, "/?q=HX00010571")
        page.click(f'a[href="/studies/{uids[CURRENT]}"]')
        rows = page.locator(".prior")
        order = [identifier.removeprefix("prior-") for identifier in rows.evaluate_all("(all) => all.map((row) => row.id)")]
        first = rows.first
        line = first.locator("summary").inner_text()
        closed = first.locator(".rules").is_visible()
        first.locator("summary").click()
        expect(first.locator(".rules")).to_be_visible()
        picture = page.locator(".thumbnails img").first
        expect(picture).to_be_visible()
        until(page, lambda: picture.evaluate("(image) => image.naturalWidth") > 0)
        emit("study", order=order == [uids[PRIOR], uids[OLD]], line=" ".join(line.split()), closed=not closed,
             rules=first.locator(".rules th").count(), questions=first.locator(".questions li").count(),
             text=first.locator(".rules").inner_text().count("\n") > 0)


def person(desk, uids):
    with desk.page() as page:
        desk.go(page, "/?q=" + quote("李建国"))
        page.locator(".persons a").first.click()
        expect(page.locator("#timeline")).to_be_visible()
        emit("person", studies=page.locator("tbody tr").count(), years=page.locator(".year").all_inner_texts(),
             name="李 建国" in page.inner_text("#person"))


def decisions(desk, uids):
    exam = f"/studies/{uids[CURRENT]}"
    with desk.page() as page:
        desk.go(page, exam)
        prior = page.locator(f'[id="prior-{uids[PRIOR]}"]')
        prior.locator("summary").click()
        prior.locator('[name="actor"]').fill("<script>alert(1)</script>")
        refuse = prior.locator("button.refuse")
        refuse.click()
        # The browser asks for a reason before anything is sent.
        missing = prior.locator('select[name="reason"]').evaluate("(field) => !field.validity.valid")
        prior.locator('select[name="reason"]').select_option("ZE-10")
        prior.locator('[name="note"]').fill("疑似进展 & <b>")
        prior.locator('[name="informed"]').check()
        refuse.click()
        expect(prior.locator(".outcome")).to_be_visible()
        emit("decline", shown=" ".join(prior.locator(".outcome").inner_text().split()), **{"without reason": "refused" if missing else "sent"})
        prior.locator("button.accept").click()
        expect(prior.locator(".outcome .mark.good").first).to_be_visible()
        old = page.locator(f'[id="prior-{uids[OLD]}"]')
        old.locator("summary").click()
        shown_now = prior.locator(".outcome").inner_text()
        desk.go(page, exam)
        page.locator(f'[id="prior-{uids[PRIOR]}"] summary').click()
        emit("recognise", shown=" ".join(shown_now.split()), kept="recognised" in prior.locator(".outcome").inner_text(),
             hostile=prior.locator('[name="actor"]').input_value(), forbidden=old.locator("button.accept").count())

        desk.go(page, "/order?patient=HX00010571&issuer=HUXI-REGION&item=BW23ZYZZZ")
        found = page.locator(".prior").count()
        first = page.locator(".prior").first
        first.locator("summary").click()
        first.locator("button.refuse").scroll_into_view_if_needed()
        first.locator('select[name="reason"]').select_option("ZE-07")
        first.locator("button.refuse").click()
        expect(page.locator(".prior .outcome").first).to_be_visible()
        emit("order", found=found >= 2, recognised="ZE-07" in page.locator(".prior .outcome").first.inner_text())


def events(desk, uids):
    with desk.page() as page:
        desk.go(page, f"/view?current={uids[CURRENT]}&prior={uids[PRIOR]}")
        answer = page.request.get(f"{desk.base}/api/v1/recognition/events?study={uids[CURRENT]}").json()
        emit("events", kinds=sorted({event["kind"] for event in answer["events"]}))


# Of every text that is seen: its contrast with what is behind it (WCAG 2.2, 1.4.3), as far as it is below 4.5.
CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('option, .unseen, .skip, noscript')) continue;
    texts += 1;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 20)}`);
  }
  return { faint: [...new Set(faint)], texts };
}"""


def contrast(desk, uids):
    for scheme in ("dark", "light"):
        with desk.page(color_scheme=scheme) as page:
            faint, texts = [], 0
            for path in ("/", f"/studies/{uids[CURRENT]}"):
                desk.go(page, path)
                for summary in page.locator(".prior summary").all():
                    summary.click()
                found = page.evaluate(CONTRAST)
                faint, texts = faint + found["faint"], texts + found["texts"]
            emit(f"contrast {scheme}", faint=faint, texts=texts)


def languages(desk, uids):
    for locale, tag in [("zh-CN", "zh-Hans"), ("en-US", "en"), ("vi-VN", "vi")]:
        with desk.page(locale=locale) as page:
            desk.go(page, f"/studies/{uids[CURRENT]}")
            emit(f"language {tag}", lang=page.get_attribute("html", "lang"), heading=page.inner_text("#priors"),
                 warning=page.inner_text(".foot .warning"))
    with desk.page(locale="en-US") as page:
        desk.go(page, f"/studies/{uids[CURRENT]}")
        page.click('.languages a[lang="vi"]')
        expect(page.locator("html")).to_have_attribute("lang", "vi")
        desk.go(page, "/")
        emit("switch", kept=page.get_attribute("html", "lang"))


def keyboard(desk, uids):
    """From the first key to the rules of a prior without a mouse."""
    with desk.page() as page:
        desk.go(page, "/order")
        page.keyboard.press("Tab")
        skip = page.evaluate("document.activeElement.className")
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        in_search = page.evaluate("document.activeElement.id")
        page.keyboard.type("HX00010571")
        page.keyboard.press("Enter")
        expect(page.locator("tbody tr").first).to_be_visible()
        page.evaluate("document.activeElement.blur()")
        wanted = f"/studies/{uids[CURRENT]}"
        for _ in range(30):
            page.keyboard.press("j")
            if page.evaluate("document.activeElement.getAttribute('href')") == wanted:
                break
        page.keyboard.press("j")
        page.keyboard.press("k")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        page.keyboard.press("Enter")
        page.wait_for_url("**" + wanted)
        for _ in range(10):
            page.keyboard.press("ArrowDown")
            if page.evaluate("document.activeElement.tagName") == "SUMMARY":
                break
        page.keyboard.press("o")
        expect(page.locator(".prior .rules").first).to_be_visible()
        page.keyboard.press("o")
        expect(page.locator(".prior .rules").first).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.locator(".prior .rules").first).to_be_visible()
        emit("keyboard", skip=skip, search=in_search, outline=outline, opened="rules")


def without_scripts(desk, uids):
    with desk.page(java_script_enabled=False) as page:
        desk.go(page, "/")
        page.fill("#q", "HX00010571")
        page.click('.find button')
        page.click(f'a[href="/studies/{uids[CURRENT]}"]')
        page.locator(".prior summary").first.click()
        rules = page.locator(".prior .rules").first.is_visible()
        first = page.locator(".prior").first
        first.locator('[name="actor"]').fill("Dr. Shen")
        first.locator("button.accept").click()
        decided = page.locator(".prior .decided").first.is_visible()
        page.locator('[data-mark="compare"]').first.click()
        page.wait_for_url("**/view?**")
        emit("without scripts", rules=rules, decided=decided, stills=page.locator("noscript img").count())


def viewer(desk, uids):
    with desk.page() as page:
        desk.go(page, f"/studies/{uids[CURRENT]}")
        page.locator('[data-mark="compare"]').first.click()
        current, prior = page.locator("#current"), page.locator("#prior")
        shown(page, "#current"), shown(page, "#prior")
        start = seen(current)
        emit("viewer", differs=start["digest"] != seen(prior)["digest"], place=current.locator('[data-mark="place"]').inner_text(),
             orientation="".join(current.locator(f'[data-mark="{mark}"]').inner_text() for mark in ("left", "right", "up", "down")),
             window=current.locator('[data-mark="window"]').inner_text(),
             label=current.locator(".overlay.warning").inner_text(), about=current.locator('[data-mark="about"]').inner_text())

        stage = current.locator('[data-mark="stage"]')
        stage.hover()
        page.mouse.wheel(0, 120)
        shown(page, "#current", index=11), shown(page, "#prior", index=11)
        scrolled = seen(current)
        page.click('[data-mark="link"]')
        stage.focus()
        page.keyboard.press("PageUp")
        shown(page, "#current", index=1)
        alone = prior.locator('[data-mark="stage"]').get_attribute("data-index")
        page.keyboard.press("End")
        shown(page, "#current", index=21)
        page.keyboard.press("Home")
        shown(page, "#current", index=0)
        page.click('[data-mark="link"]')
        stage.focus()
        page.keyboard.press("ArrowDown")
        shown(page, "#current", index=1), shown(page, "#prior", index=1)
        emit("scroll", changed=scrolled["digest"] != start["digest"], alone=alone)

        page.select_option('[data-mark="preset"]', "-600,1500")
        shown(page, "#current", window="-600,1500"), shown(page, "#prior", window="-600,1500")
        lung = seen(current)
        box = stage.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0], middle[1] + 60, steps=4)
        page.mouse.up()
        shown(page, "#current", window="-300,1500")
        darker = seen(current)
        emit("window", lung=lung["mean"] > scrolled["mean"], darker=darker["mean"] < lung["mean"])

        page.click('[data-mark="reset"]')
        shown(page, "#current", window=""), shown(page, "#prior", window="")
        before = seen(current)
        stage.focus()
        page.keyboard.press("+")
        page.keyboard.press("+")
        shown(page, "#current", window="", zoom="1.56")
        larger = seen(current)
        page.keyboard.press("Shift+ArrowRight")
        moved = seen(current)
        page.keyboard.press("r")
        shown(page, "#current", window="", zoom="1.00")
        emit("zoom", larger=larger["white"] > before["white"] or larger["span"] > before["span"],
             moved=moved["digest"] != larger["digest"], back=seen(current)["digest"] == before["digest"])

        # What is written on a picture belongs to it: while the next one is on its way, nothing changes.
        held, described = [], []
        page.select_option('[data-mark="preset"]', "40,400")
        shown(page, "#current", index=1, window="40,400")
        page.on("request", lambda request: request.url.endswith("/metadata") and described.append(request.url))
        hold = lambda route: held.append(route) if hold.isOn else route.continue_()
        hold.isOn = True
        page.route("**/rendered?**", hold)
        page.click('[data-mark="link"]')
        stage.focus()
        for key in ["PageDown"] + 4 * ["ArrowDown"]:
            page.keyboard.press(key)
        page.wait_for_selector('#current [data-mark="stage"][data-state="loading"]', timeout=PATIENCE)
        until(page, lambda: len(held) > 0)
        meanwhile, asked = current.locator('[data-mark="place"]').inner_text(), len(described)
        hold.isOn = False
        for route in held:
            route.continue_()
        shown(page, "#current", index=15)
        emit("overlay", meanwhile=meanwhile, asked=asked, after=current.locator('[data-mark="place"]').inner_text())

        page.unroute("**/rendered?**")

        # Pixels that are higher than wide are drawn so.
        square = seen(current)

        def heighten(route):
            content = route.fetch().json()
            content[0]["00280030"] = {"vr": "DS", "Value": [1.4, 0.7]}
            route.fulfill(json=content)

        page.route("**/metadata", heighten)
        desk.go(page, page.url.removeprefix(desk.base))
        shown(page, "#current")
        page.wait_for_selector('#current [data-mark="stage"][data-aspect="2"]', timeout=PATIENCE)
        emit("pixels", narrower=0.45 < seen(current)["span"] / square["span"] < 0.55)
        page.unroute("**/metadata")

        # The window of what is no CT is told by the server; Hounsfield units mean nothing there.
        desk.go(page, f"/view?current={uids['studies/18-mr-brain-dwi']}")
        shown(page, "#current")
        offered = page.locator('[data-mark="preset"] option:not([disabled])').evaluate_all("(all) => all.map((one) => one.value)")
        label = page.locator('#current [data-mark="window"]')
        own, plain = label.inner_text(), seen(current)
        page.keyboard.press("2")
        page.select_option('[data-mark="preset"]', "full")
        until(page, lambda: label.inner_text() != own)
        full = label.inner_text()
        page.click('[data-mark="reset"]')
        shown(page, "#current", window="")
        box = stage.bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0], middle[1] - 90, steps=3)
        page.mouse.up()
        until(page, lambda: label.inner_text() != own and stage.get_attribute("data-state") == "shown")
        emit("mr", offered=offered, own=own, full=full, dragged=label.inner_text(), brighter=seen(current)["mean"] > plain["mean"])

        # Frames of a run, and what cannot be decoded.
        desk.go(page, f"/view?current={uids['studies/20-xa-dsa-legs']}")
        shown(page, "#current")
        emit("frames", place=page.locator('#current [data-mark="place"]').inner_text())
        broken = uids["studies/23-dr-pixel-data-truncated"]
        desk.go(page, f"/view?current={broken}")
        shown(page, "#current", state="failed")
        emit("undecodable", said=page.locator('#current [data-mark="message"]').inner_text())


def shown(page, pane, index=None, window=None, state="shown", zoom=None):
    """Waits until the pane shows what was asked for. (Selectors: functions to wait for would need eval, which the pages forbid.)"""
    wanted = {"state": state, "index": index, "window": window, "zoom": zoom}
    conditions = "".join(f'[data-{name}="{value}"]' for name, value in wanted.items() if value is not None)
    page.wait_for_selector(f'{pane} [data-mark="stage"]{conditions}', timeout=PATIENCE)


def until(page, condition):
    """Polls until the condition holds."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the page did not come to it")
        page.wait_for_timeout(20)


def seen(pane):
    return pane.locator("canvas").evaluate(PIXELS)


def faults(desk, uids):
    with desk.page() as page:
        for name, path in [("unknown", "/studies/1.2.3.4"), ("malformed", "/studies/x"), ("person", "/persons/NOBODY")]:
            desk.trouble.expected.add(desk.base + path)
            answer = desk.go(page, path)
            emit(f"fault {name}", status=answer.status, heading=page.inner_text("h1"), back=page.locator(".fault a").count())


CASES = [search, person, study, decisions, languages, keyboard, without_scripts, viewer, events, contrast, faults]


def main():
    port, chromium, manifest = sys.argv[1:4]
    only = set(sys.argv[4:])
    studies = json.load(open(manifest, encoding="utf-8"))["studies"]
    uids = {study["folder"]: study["studyInstanceUID"] for study in studies}
    base = f"http://127.0.0.1:{port}"
    trouble = Trouble(base)
    with sync_playwright() as playwright:
        # The tests may run as root, where Chromium has no sandbox of its own.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"], timeout=60_000)
        try:
            desk = Desk(browser, base, trouble)
            for case in CASES:
                if not only or case.__name__ in only:
                    case(desk, uids)
            version = browser.version
        finally:
            browser.close()
    # Chromium itself logs each answer of 400 and more, which is looked at by address, and that we read canvases.
    meant = "Failed to load resource: the server responded|Canvas2D: Multiple readback operations"
    complaints = [text for text in trouble.console if not re.match(meant, text)]
    answered = [text for text in trouble.statuses if "/rendered?" not in text]
    emit("browser", version=version, console=complaints, errors=trouble.errors, elsewhere=trouble.elsewhere, statuses=answered)


main()
