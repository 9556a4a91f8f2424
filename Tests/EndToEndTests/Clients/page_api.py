"""Holds the answers of a running priord against its OpenAPI description.

    page_api.py HTTP_PORT MANIFEST

The daemon holds the fixture studies. Every operation is called with success, every success and problem is held against its
schema, and every 4xx that is declared has to come.
"""

import json
import sys

import requests
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from protocol_wire import emit

PATIENCE = 60  # s
ANYWHERE = {401, 403, 421}  # what the guards of the port answer, declared as `default`
UNKNOWN = {"uid": "1.2.3.4", "id": "NOBODY", "name": "nowhere", "number": "999999"}
SOME = {"uid": "2.25.1", "id": "X", "name": "nearby", "number": "1"}


class Description:
    def __init__(self, text):
        self.document = yaml.safe_load(text)
        validate(self.document)
        self.operations = {
            operation["operationId"]: (path, method, operation)
            for path, item in self.document["paths"].items() for method, operation in item.items()}

    def resolved(self, part):
        while "$ref" in part:
            target = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            part = target
        return part

    def faults(self, operation, status, media, content):
        """What of an answer is not as described."""
        responses = operation["responses"]
        key = "default" if status in ANYWHERE else str(status)
        if key not in responses:
            return [f"{status} is not declared"]
        described = self.resolved(responses[key]).get("content", {})
        if not described and not content:
            return []
        if media not in described:
            return [f"{media} is not declared for {status}"]
        schema = {**described[media]["schema"], "components": self.document["components"]}
        checker = Draft202012Validator(schema, format_checker=FormatChecker(["date-time"]))
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in checker.iter_errors(content)]


class Caller:
    def __init__(self, base, description):
        self.base, self.description = base, description
        self.session = requests.Session()
        self.wrong, self.seen, self.count = [], set(), 0

    def call(self, name, path=(), query=None, body=None, expected=200, accept="*/*", method=None, data=None, headers=None):
        template, verb, operation = self.description.operations[name]
        url = self.base + template.format(**dict(path))
        headers = {"Accept": accept, **(headers or {})}
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body), "application/json"
        answer = self.session.request(
            method or verb, url, params=query, data=data, headers=headers, timeout=PATIENCE)
        self.count += 1
        media = answer.headers.get("Content-Type", "").split(";")[0]
        content = answer.json() if media.endswith("json") else answer.text
        faults = self.description.faults(operation, answer.status_code, media, content)
        if answer.status_code != expected:
            faults.append(f"{answer.status_code} instead of {expected}: {str(content)[:200]}")
        if answer.status_code >= 400 and media != "application/problem+json":
            faults.append(f"a problem as {media}")
        self.wrong += [f"{name} {query or body or ''}: {fault}" for fault in faults]
        self.seen.add((name, answer.status_code))
        return content


def refused(caller, description):
    """What every operation refuses in one way."""
    for name, (template, method, operation) in description.operations.items():
        declared = operation["responses"]
        path = {key: value for key, value in SOME.items() if "{%s}" % key in template}
        if "405" in declared:
            caller.call(name, path, method="patch", expected=405)
        if "406" in declared:
            caller.call(name, path, accept="image/png", expected=406)
        caller.call(name, path, expected=421, headers={"Host": "rebound.example"})
        if method != "get":
            caller.call(name, path, expected=403, headers={"Origin": "https://elsewhere.example"})
        # What is unknown is refused with what is known.
        surprised = caller.call(name, path, query={"surprise": "1"}, expected=400)
        known = set(surprised["detail"].partition("known are ")[2].split(", ")) - {""}
        described = {
            parameter["name"] for parameter in map(description.resolved, operation.get("parameters", []))
            if parameter["in"] == "query"}
        caller.wrong += [f"{name}: {parameter} is not described alike" for parameter in known ^ described]
        if "requestBody" in operation:
            caller.call(name, path, data="{", expected=400)
        if "404" in declared and path:
            needed = {
                parameter["name"]: "Dr. Shen" for parameter in operation.get("parameters", [])
                if parameter.get("in") == "query" and parameter.get("required")}
            caller.call(name, {key: UNKNOWN[key] for key in path}, query=needed, expected=404)
        if "413" in declared:
            caller.call(name, path, data=" " * 100_000, expected=413)


def studies(caller, uids):
    caller.call("description")
    caller.call("status")
    caller.call("studies", query={"limit": 5, "offset": 2})
    for query in ({"text": "李建国"}, {"unmapped": "true"}, {"modality": "CT,MR", "completeness": "complete"}, {"state": "settled"}):
        caller.call("studies", query=query)
    for uid in uids.values():
        caller.call("study", {"uid": uid})
        caller.call("priors", query={"study": uid})
    caller.call("study", {"uid": uids["studies/12-ct-chest"]}, query={"version": 1})
    caller.call("priors", query={"patient": "HX00010571", "issuer": "HUXI-REGION", "item": "BW23ZYZZZ"})
    caller.call("priors", query={"patient": "nobody", "item": "BW23ZYZZZ"})
    caller.call("priors", query={
        "patient": "HX00010571", "item": "BW23ZYZZZ", "institution": "Huxi Hospital", "limit": 1, "lang": "vi", "sources": "none"})
    caller.call("priors", query={"study": "1.2.3.4"}, expected=404)
    for query in ({}, {"study": "x"}, {"patient": "HX00010571", "item": "short"}):
        caller.call("priors", query=query, expected=400)


def reports(caller):
    for by in ("institution", "station", "month"):
        caller.call("completenessReport", query={"by": by})
        caller.call("qualityReport", query={"by": by, "from": "2026-01-01"})
    caller.call("qualityReport", query={"minimum": 2, "window": 366})
    caller.call("recognitionReport")
    for by in ("institution", "department", "doctor", "item", "month"):
        caller.call("recognitionReport", query={"by": by, "lang": "vi"})
    caller.call("recognitionReport", query={"format": "csv"})
    caller.call("interventionalReport")
    caller.call("interventionalReport", query={"year": 2026})
    caller.call("interventionalReport", query={"format": "csv"})


def persons(caller):
    def found(name):
        return caller.call("persons", query={"name": name})["persons"]

    li, wang = found("李建国")[0], found("wang xiaomei")[0]
    caller.call("persons", query={"patient": "HX00010571", "issuer": "HUXI-REGION"})
    caller.call("persons", query={"name": "x", "patient": "y"}, expected=400)
    caller.call("person", {"id": li["personID"]})
    caller.call("personStudies", {"id": li["personID"]}, query={"limit": 2})
    caller.call("personReviews")
    one, other = li["identities"][0]["id"], wang["identities"][0]["id"]
    caller.call("linkPersons", body={"one": one, "other": other, "by": "Dr. Shen", "note": "a test"})
    caller.call("unlinkPerson", body={"one": one, "by": "Dr. Shen"})
    caller.call("unlinkPerson", body={"one": one, "by": "Dr. Shen"}, expected=409)
    # A third person is the first, and so cannot be the second.
    third = found("zhou bing")[0]["identities"][0]["id"]
    caller.call("linkPersons", body={"one": one, "other": third, "by": "Dr. Shen"})
    caller.call("linkPersons", body={"one": third, "other": other, "by": "Dr. Shen"}, expected=409)
    caller.call("unlinkPerson", body={"one": third, "by": "Dr. Shen"})
    caller.call("linkPersons", body={"one": one, "other": one, "by": "Dr. Shen"}, expected=400)
    for name in ("linkPersons", "unlinkPerson", "settlePersonReview"):
        body = {"one": "NOBODY", "by": "Dr. Shen"}
        if name != "unlinkPerson":
            body["other"] = other
        if name == "settlePersonReview":
            body["decision"] = "same"
        caller.call(name, body=body, expected=404)
    caller.call("settlePersonReview", body={"one": one, "other": other, "decision": "same", "by": "Dr. Shen"}, expected=404)
    for review in caller.call("personReviews")["reviews"][:1]:
        caller.call("settlePersonReview", body={
            "one": review["one"]["id"], "other": review["other"]["id"], "decision": "different", "by": "Dr. Shen"})


def sources(caller, uids):
    """Two are configured: one from which nothing is fetched, and one that nobody answers for."""
    caller.call("sources")
    caller.call("testSource", {"name": "nearby"})
    caller.call("fetchFromSource", {"name": "nearby"}, body={"study": "1.2.3"}, expected=409)
    fetch = caller.call("fetchFromSource", {"name": "faraway"}, body={"study": "1.2.3"}, expected=202)
    caller.call("fetch", {"number": fetch["id"]})
    caller.call("fetches", query={"all": "true"})
    caller.call("dropFetch", {"number": fetch["id"]}, query={"by": "Dr. Shen"}, expected=204)
    caller.call("priors", query={"study": uids["studies/12-ct-chest"], "sources": "all"})
    caller.call("priors", query={"study": uids["studies/12-ct-chest"], "sources": "some"}, expected=400)


def recognition(caller, uids):
    exam, prior, old = (uids[f"studies/{name}-ct-chest"] for name in ("12", "11", "10"))
    for language in ("zh", "en", "vi"):
        caller.call("recognitionReasons", query={"lang": language})
    caller.call("takeRecognitionEvent", body={"kind": "reminded", "study": exam})
    caller.call("takeRecognitionEvent", body={"kind": "opened", "study": exam, "prior": prior})
    decision = {"study": exam, "prior": prior, "actor": "Dr. Shen", "department": "Chest"}
    caller.call("takeRecognitionEvent", body={"kind": "declined", "reason": "ZE-01", "patientInformed": True, **decision})
    caller.call("takeRecognitionEvent", body={"kind": "followedUp", "agrees": True, **decision}, expected=409)
    caller.call("takeRecognitionEvent", body={"kind": "recognised", **decision})
    caller.call("takeRecognitionEvent", body={"kind": "followedUp", "agrees": True, **decision})
    caller.call("takeRecognitionEvent", body={"kind": "recognised", **decision, "prior": old}, expected=409)
    caller.call("takeRecognitionEvent", body={"kind": "opened", **decision, "prior": "1.2.3"}, expected=404)
    caller.call("takeRecognitionEvent", body={"kind": "declined", **decision}, expected=400)
    events = caller.call("recognitionEvents", query={"study": exam})["events"]
    caller.call("recognitionEvents", query={"kind": "recognised", "limit": 1, "after": 1, "from": "2020-01-01"})
    caller.call("recognitionEvents", query={"person": events[0]["personID"]})


def main():
    base = f"http://127.0.0.1:{sys.argv[1]}"
    manifest = json.load(open(sys.argv[2], encoding="utf-8"))
    uids = {study["folder"]: study["studyInstanceUID"] for study in manifest["studies"]}
    description = Description(requests.get(base + "/api/v1/openapi.yaml", timeout=PATIENCE).text)
    caller = Caller(base, description)
    refused(caller, description)
    studies(caller, uids)
    persons(caller)
    sources(caller, uids)
    recognition(caller, uids)
    reports(caller)
    declared = {
        (name, int(status)) for name, (_, _, operation) in description.operations.items()
        for status in operation["responses"] if status < "500"}
    emit("description", operations=len(description.operations), calls=caller.count)
    emit("answers", wrong=caller.wrong)
    emit("declared", notSeen=sorted(f"{name} {status}" for name, status in declared - caller.seen))


main()
