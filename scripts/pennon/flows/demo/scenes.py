"""The story, scene by scene: what is done, what has to come of it, and what people see."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pennon.flows.demo.gallery import write_gallery
from pennon.flows.demo.play import MODEL, Play


class Scene(msgspec.Struct, frozen=True):
    """One step of the loop. `act` raises DemoError if it does not do what `title` says."""

    title: str
    act: Callable[[Play], None]


def bake(play: Play) -> None:
    play.bake()
    play.theatre.say("  A model repository was baked from the template; `origin` is a bare one.")
    play.theatre.say(f"  Its own tests: {play.own_tests()}")


def first_version(play: Play) -> None:
    stage = play.theatre
    play.push()
    play.follow()
    stage.expect(play.champion() == "v1.0.0", "v1.0.0 is champion")
    for environment in ("staging", "production"):
        stage.expect(play.served(environment) == "v1.0.0", f"{environment} serves v1.0.0")
    answer = play.predict("production")
    stage.expect(answer["version"] == "v1.0.0", "the prediction names its version")
    stage.say(f"  POST /predict on port {play.port('production')} answers {answer}")


def better(play: Play) -> None:
    stage = play.theatre
    pull = play.propose("better", "Look at the weather instead of the calendar")
    comment = play.review(pull, passes=True)
    stage.expect("ready to promote" in comment, "the comment says: ready to promote")
    stage.say(f"  The comment: {heading(comment)}")
    play.merge(pull, "better")
    play.follow()
    stage.expect(play.champion() == "v1.1.0", "v1.1.0 is champion")
    stage.expect(play.served("production") == "v1.1.0", "production serves v1.1.0")
    stage.say("  Merged, trained on all rows, promoted, deployed: production answers as v1.1.0.")


def worse_slice(play: Play) -> None:
    stage = play.theatre
    pull = play.propose("worse_slice", "More features, and the weather beside what is usual")
    comment = play.review(pull, passes=False)
    title = heading(comment)
    stage.expect("do not promote" in title, "the comment says: do not promote")
    stage.expect("origin=JFK" in title, "the comment names the airport")
    stage.expect("3 of 4 gates let it pass" in comment, "every other gate lets it pass")
    stage.say(f"  The comment: {title}")
    stage.say(
        "  Overall it is better. But a table in it says JKF for JFK, which loses its weather."
    )
    stage.say("  Somebody merges it all the same. It gets a version, and no stage:")
    play.merge(pull, "worse_slice")
    play.follow(refused="promote.yml")
    stage.expect(play.champion() == "v1.1.0", "v1.1.0 is still champion")
    stage.expect(play.served("production") == "v1.1.0", "production still serves v1.1.0")
    stage.say("  The promotion was refused; production still answers as v1.1.0.")
    play.undo()
    play.follow()
    stage.say("  The merge is reverted: the recipe is that of v1.1.0 again, so nothing is trained.")


def broken_data(play: Play) -> None:
    stage = play.theatre
    pull = play.propose("broken_data", "Refresh the data")
    comment = play.review(pull, passes=False)
    stage.expect("breaks its contract" in heading(comment), "the comment names the contract")
    stage.expect("below-min" in comment and "not-among" in comment, "it lists the breaches")
    stage.say(f"  The comment: {heading(comment)}")
    play.leave()


def roll_back(play: Play) -> None:
    stage = play.theatre
    play.rollback("answers for winter mornings are wrong")
    stage.expect(play.champion() == "v1.0.0", "v1.0.0 is champion again")
    stage.expect(play.served("production") == "v1.0.0", "production serves v1.0.0 again")
    stage.say("  Production answers as v1.0.0 again. Who, when and why:")
    history = stage.pennon("history", MODEL)
    stage.expect("winter mornings" in history, "the history gives the reason")
    stage.say(indented(history))


def look_around(play: Play) -> None:
    stage = play.theatre
    stage.say(indented(stage.pennon("show")))
    stage.say(indented(stage.pennon("show", MODEL)))
    gallery = write_gallery(stage)
    stage.say(f"""
  The repository        {stage.work}
  Its registry          git -C {stage.origin} tag
  The comments          {gallery}
  The release files     {stage.folder / "forge" / "releases"}
  The logs of the runs  {stage.folder / "logs"}""")


SCENES = (
    Scene("Bake a model repository and run its own tests", bake),
    Scene("Register, promote and deploy the first model", first_version),
    Scene("A pull request that makes the model better", better),
    Scene("A pull request that looks better, and is worse for one airport", worse_slice),
    Scene("A pull request with broken data", broken_data),
    Scene("Roll production back with one command", roll_back),
    Scene("Look around", look_around),
)


def heading(comment: str) -> str:
    """The first heading of a comment, as plain text."""
    line = next(line for line in comment.splitlines() if line.startswith("## "))
    return line.removeprefix("## ").replace("`", "")


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
