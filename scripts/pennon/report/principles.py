"""What keeps a principle of one version: its gates in the verdict, its tests, its statement."""

from __future__ import annotations

from pennon.config import Gates, Principle, Statement
from pennon.evaluation import Outcome, Verdict
from pennon.report.view import View


class Proof(View, frozen=True, kw_only=True):
    """The commit that brought a statement: author, time (RFC 3339) and whose key signed it.

    No `signer` where signatures are not required. `flaw` is why it proves nothing.
    """

    commit: str = ""
    author: str = ""
    at: str = ""
    signer: str = ""
    flaw: str = ""


class Said(View, frozen=True, kw_only=True):
    """A gate on all that it was asked; none where the verdict did not decide it."""

    gate: str
    outcome: Outcome | None = None
    blocks: bool = False


class Kept(View, frozen=True, kw_only=True):
    """One principle of a version."""

    id: str
    title: str
    owner: str
    gates: tuple[Said, ...] = ()
    tests: tuple[str, ...] = ()
    statement: Statement | None = None
    proof: Proof | None = None


def kept(it: Principle, gates: Gates, verdict: Verdict, proof: Proof | None = None) -> Kept:
    """By the gates of the verdict's model only: a principle may name those of others as well."""
    asked = {gate.id for gate in gates.of(verdict.model)}
    return Kept(
        id=it.id,
        title=it.title,
        owner=it.owner,
        gates=tuple(_said(name, verdict) for name in it.gates if name in asked),
        tests=it.tests,
        statement=it.statement,
        proof=proof,
    )


def ways(it: Kept) -> tuple[str, ...]:
    """In words, one for each thing that keeps it."""
    gates = [f"gate {said.gate}: {_OUTCOMES[said.outcome, said.blocks]}" for said in it.gates]
    tests = [f"test {name}" for name in it.tests]
    return (*gates, *tests, *([_vouched(it.statement, it.proof)] if it.statement else []))


_OUTCOMES = {
    (None, False): "was not decided",
    (Outcome.PASS, False): "passes",
    (Outcome.FAIL, True): "fails",
    (Outcome.UNSURE, True): "unsure",
    (Outcome.UNSURE, False): "unsure, allowed",
}


def _vouched(it: Statement, proof: Proof | None) -> str:
    end = f", until {it.until}" if it.until else ""
    return f"“{it.text}” {it.by}, {it.role}, on {it.on}{end}; {_proven(proof or Proof())}"


def _proven(it: Proof) -> str:
    """What it is worth: a key cannot be claimed, an author can."""
    if it.flaw or not it.commit:
        return f"not proven: {it.flaw or 'git was not asked'}"
    commit = f"commit {it.commit[:7]} of {it.at[:10]}"
    if it.signer:
        return f"{commit} is signed by the key of {it.signer}"
    return f"{commit} names {it.author.rpartition(' <')[0]} as its author"


def _said(gate: str, verdict: Verdict) -> Said:
    """Of a gate on slices the worst one counts; one without a number was not decided."""
    results = [it for it in verdict.results if it.id == gate]
    decided = [it for it in results if it.candidate is not None or it.outcome is not Outcome.PASS]
    if not decided:
        return Said(gate=gate)
    order = (Outcome.FAIL, Outcome.UNSURE, Outcome.PASS)
    worst = min(decided, key=lambda it: (not it.blocks, order.index(it.outcome)))
    return Said(gate=gate, outcome=worst.outcome, blocks=worst.blocks)
