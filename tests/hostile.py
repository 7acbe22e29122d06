"""What code of a fork may leave to be read: each entry tries one thing."""

from __future__ import annotations

import zipfile
from functools import partial
from typing import Any

from fork import (
    MEMBER,
    Attack,
    Payload,
    dumped,
    honest,
    link,
    put,
    stopped,
    upload,
    zipped,
)
from light import LIGHT

EVALUATION = "measured.evaluation"
FIRST = f"{EVALUATION}.comparisons.0"
SCORES = f"{FIRST}.scores.0"
ESCAPES = {
    "`@everyone`": "@everyone @acme/owners #1 GH-1 acme/shop#1",
    "HTML": "<img src=//e.vil/x onerror=alert(1)><script>alert(1)</script></details></sub>",
    "Markdown links": "[merge me](https://e.vil) <https://e.vil> https://e.vil www.e.vil a@e.vil",
    "Markdown images": "![x](https://e.vil/x.png) [![x](https://e.vil/x.png)](https://e.vil)",
    "table cells": "a | b | ✅ passes |\n|---|---|\n| c `|` d",
    "fences": "```\n\n# approved\n\n~~~~\n````\n`` ` ``",
    "headings and lists": "x\n\n# approved\n\n- [x] done\n> [!NOTE]\n> fine\n\n---\n",
    "the end of an HTML comment": "--> <!-- --!> ]]> -->",
    "our own markers": (
        "<!-- pennon:report:v1 key=model0/review -->\n<!-- pennon:previous -->\n"
        '<!-- pennon:state {"run":999999,"attempt":9,"verdict":"better"} -->'
    ),
    "bidirectional and control characters": "a\u202eb\u202c\u2066x\x00\x1b[31m\x07\u200d\ufeff",
    "template code": "{{ view }} {% include 'review/heading.md.j2' %} {# x #}",
    "a text of 9,000 characters": "x" * 9_000,
}


def with_value(path: str, value: object) -> bytes:
    return upload(put(honest(), path, value))


def raw(old: str, new: str) -> bytes:
    """The report with a piece of its JSON replaced by what no encoder writes."""
    text = dumped(honest()).decode()
    assert old in text
    return upload(text.replace(old, new, 1).encode("utf-8", "surrogatepass"))


def slices(number: int, name: str = "x{}") -> bytes:
    payload = honest()
    shown = payload["measured"]["evaluation"]["comparisons"]
    one = shown[0]["slices"][0] | {"rows": 0}
    for comparison in shown:
        comparison["slices"] = [one | {"value": name.format(i)} for i in range(number)]
    return upload(payload)


def features(number: int, name: str = "x{}") -> bytes:
    payload = honest()
    found = payload["measured"]["evaluation"]["importance"]
    one = found["features"][0]
    found["features"] = [one | {"name": name.format(i)} for i in range(number)]
    return upload(payload)


def everywhere(text: str) -> bytes:
    """The text as every name and sentence that a report could show."""
    payload = honest()
    it = payload["measured"]["evaluation"]
    for comparison in it["comparisons"]:
        comparison["method"] = text
        for part, column in zip(comparison["slices"], ("country", text), strict=True):
            part |= {"column": column, "value": text}
        comparison["slices"].append({"column": text, "value": "z", "rows": 0, "why": text})
    it["importance"] |= {"method": text, "left_out": [text]}
    it["importance"]["features"][0]["name"] = text
    for kind in ("off", "worse"):
        it["discovery"][kind][0]["rule"] = text
    lineage: dict[str, Any] = payload["measured"]["manifest"]
    lineage["data"][0]["name"] = text
    lineage["params"] = {text: text}
    lineage["run"] |= {"url": text, "actor": text, "branch": text}
    return upload(payload)


def failing(text: str) -> bytes:
    return upload(stopped(reason=text, log=f"{text}\n{text}"))


def broken(text: str) -> bytes:
    names = ("code", "column", "what", "example")
    finding = dict.fromkeys(names, text) | {"rows": 3}
    return upload(stopped(kind="data_broken", reason=text, findings=[finding]))


def worse_than_it_says() -> bytes:
    """The intervals that are shown promise a gain; the noise that decides is a loss."""
    payload = put(honest(), SCORES + ".noise", {"center": -0.2, "error": 0.01, "df": None})
    return upload(put(payload, SCORES + ".reference", 0.99))


def own_gates() -> bytes:
    gates = {"gates": [], "looks": 1000, "confidence": 0.51}
    return upload(honest() | {"gates": gates})


def own_confidence() -> bytes:
    """Half a standard error would do: at this level everything is beyond noise."""
    payload = put(honest(), f"{FIRST}.confidence", 0.01)
    noise = {"center": 0.01, "error": 0.02, "df": None}
    return upload(put(put(payload, f"{SCORES}.noise", noise), f"{SCORES}.reference", 0.79))


def turned() -> bytes:
    """A loss, and lower is better from now on."""
    return upload(put(_loss(), f"{SCORES}.greater_is_better", value=False))


def _loss() -> Payload:
    noise = {"center": -0.1, "error": 0.01, "df": None}
    return put(put(honest(), f"{SCORES}.noise", noise), f"{SCORES}.reference", 0.9)


def sealed() -> bytes:
    """The registry knows three looks of these rows."""
    payload = put(honest(), f"{EVALUATION}.holdout", f"sha256:{'ab' * 32}")
    return upload(put(payload, f"{EVALUATION}.looks", 0.001))


def unscored() -> bytes:
    payload = honest()
    found = payload["measured"]["evaluation"]
    found["comparisons"] = found["comparisons"][1:]
    found["confusion"]["champion"] = None
    return upload(payload)


def encrypted() -> bytes:
    """The flag alone: in the local header and in the directory."""
    content = bytearray(upload(honest()))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    return bytes(content)


def lying_bomb() -> bytes:
    """A hundred megabytes that call themselves ten bytes."""
    content = bytearray(zipped((MEMBER, b"\0" * 100_000_000)))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + at
        content[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(content)


def many(number: int) -> bytes:
    crowd = ((f"x/{i}", b"") for i in range(number))
    return zipped((MEMBER, dumped(honest())), *crowd, how=zipfile.ZIP_STORED)


def beside(name: str | zipfile.ZipInfo) -> bytes:
    return zipped((name, b"echo owned"), (MEMBER, dumped(honest())))


def only(name: str | zipfile.ZipInfo, content: bytes | None = None) -> bytes:
    return zipped((name, content or dumped(honest())))


def _nested() -> bytes:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    return raw('"params": {"depth": 3}', f'"params": {deep}')


ARCHIVES: dict[str, Attack] = {
    "no artifact at all": lambda: None,
    "bytes that are no zip": lambda: b"#!/bin/sh\necho owned\n",
    "an empty file": lambda: b"",
    "a truncated zip": lambda: upload(honest())[:-30],
    "a member that climbs out, beside the report": partial(beside, "../../../etc/cron.d/x"),
    "a member with an absolute name, beside the report": partial(beside, "/etc/cron.d/x"),
    "a member with a drive, beside the report": partial(beside, "C:\\Windows\\x"),
    "the report under a name that climbs out": partial(only, f"../{MEMBER}"),
    "the report under an absolute name": partial(only, f"/{MEMBER}"),
    "a symlink beside the report": lambda: beside(link("x")),
    "a symlink in place of the report": lambda: only(link(MEMBER), b"/etc/passwd"),
    "a zip bomb": lambda: only(MEMBER, b"\0" * 100_000_000),
    "a zip bomb that calls itself small": lying_bomb,
    "10,000 members": partial(many, 10_000),
    "a zip of 65 MB": lambda: zipped((MEMBER, b"x" * (65 << 20)), how=zipfile.ZIP_STORED),
    "a report packed with LZMA": lambda: zipped((MEMBER, dumped(honest())), how=zipfile.ZIP_LZMA),
    "a report packed with bzip2": lambda: zipped((MEMBER, dumped(honest())), how=zipfile.ZIP_BZIP2),
    "an encrypted report": encrypted,
    "the report of another model alone": partial(only, "model9/review.json"),
}
TEXTS: dict[str, Attack] = {
    "no JSON": lambda: upload(b"\xff\xfe\x00"),
    "a JSON of 9 MB": lambda: upload(dumped(honest() | {"head": "x" * (9 << 20)})),
    "100,000 objects inside each other": _nested,
    "`NaN`": partial(raw, '"rows": 1000', '"rows": NaN'),
    "`Infinity`": partial(raw, '"threshold": 0.5', '"threshold": Infinity'),
    "`1e999`": partial(raw, '"threshold": 0.5', '"threshold": 1e999'),
    "`-1e999`": partial(raw, '"threshold": 0.5', '"threshold": -1e999'),
    "a number of 5,000 digits": partial(raw, '"rows": 1000', f'"rows": {"9" * 5000}'),
    "half a character": partial(raw, '"country"', '"\\ud800"'),
    "a text where a number belongs": partial(with_value, f"{EVALUATION}.rows", "many"),
    "a list where a record belongs": partial(with_value, EVALUATION, []),
    "nothing where a record belongs": partial(with_value, "measured.manifest", None),
    "an unknown field": lambda: upload(honest() | {"approved": True}),
    "an unknown field deep inside": partial(with_value, f"{EVALUATION}.approved", value=True),
    "another format": partial(with_value, "format", 2),
    "numbers, and a reason for none": lambda: upload(
        honest() | {"stop": {"kind": "nothing_changed"}}
    ),
    "neither numbers nor a reason": lambda: upload(honest() | {"measured": None}),
    "a verdict in place of a reason": lambda: upload(stopped(kind="better")),
}
NUMBERS: dict[str, Attack] = {
    "negative rows": partial(with_value, f"{FIRST}.slices.0.rows", -5),
    "no rows": partial(with_value, f"{EVALUATION}.rows", 0),
    "rows that contradict each other": partial(with_value, f"{FIRST}.rows", 999),
    "slices with more rows than there are": partial(with_value, f"{FIRST}.slices.0.rows", 900),
    "a confusion matrix of other rows": partial(
        with_value, f"{EVALUATION}.confusion.candidate.true_negative", 651
    ),
    "a ROC AUC of 1.5": partial(with_value, f"{SCORES}.candidate", 1.5),
    "a positive rate below zero": partial(with_value, f"{EVALUATION}.positive_rate", -0.1),
    "a p-value of 2": partial(with_value, f"{SCORES}.p_value", 2.0),
    "a threshold of 7": partial(with_value, f"{EVALUATION}.threshold", 7.0),
    "1e300": partial(with_value, f"{FIRST}.scores.1.candidate", 1e300),
    "a negative standard error": partial(with_value, f"{SCORES}.noise.error", -0.01),
    "no degrees of freedom": partial(with_value, f"{SCORES}.noise.df", 0),
    "the smallest number there is": partial(with_value, f"{SCORES}.noise.error", 5e-324),
    "a metric that nobody knows": partial(with_value, f"{FIRST}.scores.1.metric", "@everyone"),
    "a metric of another task": partial(with_value, f"{FIRST}.scores.1.metric", "r2"),
    "a metric twice": partial(with_value, f"{FIRST}.scores.1.metric", "roc_auc"),
    "another decision metric": partial(with_value, f"{EVALUATION}.metric", "log_loss"),
    "another task": partial(with_value, f"{EVALUATION}.task", "regression"),
    "more training rows than rows": partial(with_value, "measured.manifest.train_rows", 10**6),
    "a digest that is none": partial(with_value, "measured.manifest.environment", "sha256:x y"),
    "a Python of its own": partial(with_value, "measured.manifest.python", "3.11\n\n# approved"),
    "4,000 slices": partial(slices, 4_000),
    "6,000 slices": partial(slices, 6_000),
    "4,000 features": partial(features, 4_000),
    "6,000 features": partial(features, 6_000),
    "4,000 slices with names of 300 characters": partial(slices, 4_000, "y" * 300 + "{}"),
}
FORGERIES: dict[str, Attack] = {
    "the number of another pull request": lambda: upload(honest() | {"pull": 1}),
    "another pull request in the manifest": partial(with_value, "measured.manifest.run.pull", 1),
    "another head commit": partial(with_value, "head", "b0" * 20),
    "another run": partial(with_value, "run", 999_999),
    "another attempt": partial(with_value, "attempt", 9),
    "another model's name": partial(with_value, "model", "model9"),
    "numbers of another model": partial(with_value, f"{EVALUATION}.model", "model9"),
    "a champion that is not the champion": partial(with_value, f"{FIRST}.name", "v1.0.0"),
    "no champion, though there is one": unscored,
    "gates of its own": own_gates,
    "a confidence of its own": own_confidence,
    "intervals that are better than their noise": worse_than_it_says,
    "a direction of its own": turned,
    "fewer looks at the holdout than the registry knows": sealed,
    "that nothing has changed": lambda: upload(
        stopped(kind="nothing_changed", reason="Approved by the owners.")
    ),
}
WORDS: dict[str, Attack] = {
    f"{name}, as {what}": partial(make, text)
    for name, text in ESCAPES.items()
    for what, make in (
        ("every name", everywhere),
        ("the log of a failed training", failing),
        ("broken promises of the data", broken),
    )
}
HOSTILE: dict[str, Attack] = {**ARCHIVES, **TEXTS, **NUMBERS, **FORGERIES, **WORDS}
assert len(HOSTILE) == sum(map(len, (ARCHIVES, TEXTS, NUMBERS, FORGERIES, WORDS)))
assert LIGHT in MEMBER
