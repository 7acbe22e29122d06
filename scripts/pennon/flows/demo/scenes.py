"""The story, scene by scene: what is done, what must come of it, and what people see."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pennon.flows.demo.theatre import Theatre

MODEL = "delay"


class Scene(msgspec.Struct, frozen=True):
    """One step of the loop. `play` raises DemoError if it does not do what `title` says."""

    title: str
    play: Callable[[Theatre], None]


def bake_and_test(stage: Theatre) -> None:
    stage.bake()
    stage.say("A model repository is baked from the template, and has a bare `origin`.")
    passed = stage.own_tests()
    stage.say(f"Its own tests: {passed}.")


def first_version(stage: Theatre) -> None:
    stage.push("main", "the first model")
    stage.expect(stage.champion() == "v1.0.0", "v1.0.0 is champion")
    stage.expect_served("staging", "v1.0.0")
    stage.expect_served("production", "v1.0.0")
    stage.say(f"A prediction over HTTP: {stage.predict('production')}")


def better_model(stage: Theatre) -> None:
    pull = stage.propose("better", "Use the weather")
    stage.review(pull, passes=True)
    stage.expect("ready to promote" in stage.comment(pull), "the comment says ready to promote")
    stage.merge(pull)
    stage.expect(stage.champion() == "v1.1.0", "v1.1.0 is champion")
    stage.expect_served("production", "v1.1.0")


def worse_segment(stage: Theatre) -> None:
    pull = stage.propose("worse_slice", "Leave out doubtful rows")
    stage.review(pull, passes=False)
    comment = stage.comment(pull)
    stage.expect(
        "do not promote" in comment and "origin=" in comment, "the comment names the segment"
    )
    stage.say("Somebody merges it all the same. It is registered; the promotion is refused.")
    stage.merge(pull, refused=True)
    stage.expect(stage.champion() == "v1.1.0", "v1.1.0 is still champion")
    stage.expect_served("production", "v1.1.0")
    stage.undo_last_merge()


def broken_data(stage: Theatre) -> None:
    pull = stage.propose("broken_data", "Refresh the data")
    stage.review(pull, passes=False)
    stage.expect("contract" in stage.comment(pull), "the comment names the contract")


def roll_back(stage: Theatre) -> None:
    stage.rollback("answers for winter mornings are wrong")
    stage.expect(stage.champion() == "v1.0.0", "v1.0.0 is champion again")
    stage.expect_served("production", "v1.0.0")
    stage.show_history()


def look_around(stage: Theatre) -> None:
    stage.show_registry()
    stage.write_gallery()


SCENES = (
    Scene("Bake a model repository", bake_and_test),
    Scene("Register, promote and deploy the first model", first_version),
    Scene("A pull request that makes the model better", better_model),
    Scene("A pull request that looks better and is worse for one airport", worse_segment),
    Scene("A pull request with broken data", broken_data),
    Scene("Roll production back", roll_back),
    Scene("Look around", look_around),
)
