"""Principles: what keeps each of them, what is wrong with it, and what proves a statement."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.config import (
    GATES,
    PRINCIPLES,
    Config,
    Principle,
    Principles,
    Problem,
    ProblemsError,
    Signatures,
    read,
)
from pennon.errors import GitError
from pennon.evaluation import Verdict
from pennon.flows.world import World
from pennon.git.origin import origin
from pennon.git.signatures import flaw, signer
from pennon.report.principles import Kept, Proof, kept


def unkept(world: World, config: Config) -> Iterator[Problem]:
    """All that is wrong with principles.yaml.

    A statement that is not committed yet is no problem where people write, but told; in a
    workflow nobody writes.
    """
    seen: set[str] = set()
    for i, it in enumerate(config.principles.principles):
        at = f"principles[{i}]"
        if it.id in seen:
            yield Problem(PRINCIPLES, f"{at}.id", f"{it.id!r} is there twice")
        seen.add(it.id)
        yield from _models(at, it, config)
        yield from _gates(at, it, config)
        yield from _tests(at, it, world)
        yield from _statement(f"{at}.statement", it, world, config)


def keeping(world: World, config: Config, verdict: Verdict, commit: str) -> tuple[Kept, ...]:
    """What keeps the principles of the verdict's model; `config` is what the commit says."""
    return tuple(
        kept(it, config.gates, verdict, proof(world, config, it, commit) if it.statement else None)
        for it in config.principles.of(verdict.model)
    )


def proof(world: World, config: Config, it: Principle, commit: str) -> Proof:
    """Who gave the statement that a principle has at `commit`, as far as git can tell.

    The commit that brought it is by the person whom it names; where `registry.signatures` are
    required it is signed by that person's key, whatever the commit says of its author.
    """
    found = origin(world.repo, commit, PRINCIPLES, lambda text: _vouched(text, it.id))
    if found is None:
        ends = "this clone ends before the commit that brought it: git fetch --unshallow"
        return Proof(flaw=ends)
    author = f"{found.name} <{found.mail}>"
    told = Proof(commit=found.commit, author=author, at=found.at)
    by, short = it.statement.by if it.statement else "", found.commit[:7]
    rules = config.project.registry
    if rules.signatures is not Signatures.REQUIRED:
        wrong = "" if _is(by, author) else f"commit {short} brought it, and is by {author}"
        return msgspec.structs.replace(told, flaw=wrong)
    signers = world.root / rules.signers
    if wrong := flaw(world.repo, found.commit, signers, "commit"):
        what = f"commit {short} brought it, and is not signed as it has to be: {wrong}"
        return msgspec.structs.replace(told, flaw=what)
    key = signer(world.repo, found.commit, signers)
    wrong = "" if _is(by, key) else f"commit {short} brought it, and the key of {key} signed that"
    return msgspec.structs.replace(told, signer=key, flaw=wrong)


def _models(at: str, it: Principle, config: Config) -> Iterator[Problem]:
    for j, name in enumerate(it.models):
        if name not in config.project.models:
            yield Problem(PRINCIPLES, f"{at}.models[{j}]", f"unknown model {name!r}")


def _gates(at: str, it: Principle, config: Config) -> Iterator[Problem]:
    """Each gate exists and is asked of one of the models; each model is held by something."""
    models = [name for name in config.project.models if not it.models or name in it.models]
    asked = {name: {gate.id for gate in config.gates.of(name)} for name in models}
    known = {gate.id for gate in config.gates.gates}
    for j, gate in enumerate(it.gates):
        if gate not in known:
            what = f"{gate!r} is no gate of {GATES}"
            yield Problem(PRINCIPLES, f"{at}.gates[{j}]", what)
        elif not any(gate in ids for ids in asked.values()):
            what = f"gate {gate!r} is not asked of {', '.join(models)}"
            yield Problem(PRINCIPLES, f"{at}.gates[{j}]", what)
    if it.statement or it.tests:
        return
    loose = [name for name, ids in asked.items() if not ids & set(it.gates)]
    if loose:
        what = f"nothing keeps {it.id!r} for {', '.join(loose)}: name a gate, a test or a statement"
        yield Problem(PRINCIPLES, at, what)


def _tests(at: str, it: Principle, world: World) -> Iterator[Problem]:
    root = world.root.resolve()
    for j, test in enumerate(it.tests):
        file = (root / test).resolve()
        if not (file.is_relative_to(root) and file.is_file()):
            yield Problem(PRINCIPLES, f"{at}.tests[{j}]", f"there is no file {test}")


def _statement(at: str, it: Principle, world: World, config: Config) -> Iterator[Problem]:
    if it.statement is None:
        return
    said, today = it.statement, world.now().date()
    if said.on > today:
        yield Problem(PRINCIPLES, f"{at}.on", f"{said.on} is still to come")
    if said.until is not None and said.until < today:
        what = f"ended on {said.until}: {said.by} or somebody else has to sign it again"
        yield Problem(PRINCIPLES, f"{at}.until", what)
    head = _head(world)
    if not head or _vouched(world.repo.show(head, PRINCIPLES), it.id) != _vouchable(it):
        what = "is not committed, so nobody has signed it yet"
        if world.runner.is_actions:
            yield Problem(PRINCIPLES, at, what)
        else:
            world.say(f"{PRINCIPLES}: {at}: {what}; {said.by} has to commit it")
    elif wrong := proof(world, config, it, head).flaw:
        yield Problem(PRINCIPLES, f"{at}.by", f"{said.by} has not signed it: {wrong}")


def _head(world: World) -> str:
    """Empty where nothing was ever committed."""
    try:
        return world.repo.head()
    except GitError:
        return ""


def _vouched(text: str | None, wanted: str) -> Principle | None:
    """What the statement of a principle stands for in a text; none in one that is not sound."""
    try:
        found = read(text, Principles, PRINCIPLES).principles if text else ()
    except ProblemsError:
        return None
    return next((_vouchable(it) for it in found if it.id == wanted), None)


def _vouchable(it: Principle) -> Principle:
    """Its words and the models that they are about: gates and owner are nobody's statement."""
    return msgspec.structs.replace(it, gates=(), tests=(), owner="")


def _is(by: str, told: str) -> bool:
    """Is `Name <mail>`, or the one name that a key has, who `by` names?"""
    name, _, mail = told.rpartition(" <")
    claimed = by.rpartition("<")[2].rstrip(">") if "<" in by else by
    return claimed.casefold() in {name.casefold(), mail.rstrip(">").casefold()} - {""}
