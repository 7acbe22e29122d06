"""What every forge promises, asked of the local one and of GitHub."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest

from pennon.errors import ForgeError
from pennon.forge import DeploymentState, Forge, NewDeployment

Author = Callable[[str], Forge]
File = Callable[[str, bytes], Path]
Upload = Callable[[int, str, bytes], object]

TAG = "flights/eu=delay@v1.0.0"
SHA = "c" * 40
NEW = NewDeployment(
    environment="staging",
    model="delay",
    version="v1.0.0",
    commit=SHA,
    assignment="d" * 40,
    digest="sha256:" + "e" * 64,
    image="ghcr.io/acme/delay@sha256:" + "f" * 64,
    state=DeploymentState.IN_PROGRESS,
)


def with_state(state: DeploymentState, **more: str) -> NewDeployment:
    return msgspec.structs.replace(NEW, state=state, **more)


def test_it_says_who_writes(author: Author) -> None:
    assert author("github-actions[bot]").login() == "github-actions[bot]"
    assert author("mallory").login() == "mallory"


def test_a_pull_request_tells_its_two_ends(forge: Forge, pull: int) -> None:
    found = forge.pull(pull)
    assert (found.number, found.title, found.base_branch) == (pull, "Better", "main")
    assert found.head != found.base
    assert not found.from_fork


def test_an_unknown_pull_request_is_refused_with_a_hint(forge: Forge) -> None:
    with pytest.raises(ForgeError, match="pull request 4711") as refused:
        forge.pull(4711)
    assert refused.value.hint


def test_a_commit_tells_which_pull_request_brought_it_and_who_approved(
    forge: Forge, pull: int, merge: Callable[[], str]
) -> None:
    found = forge.merged(merge())
    assert found
    assert (found.number, found.title) == (pull, "Better")
    assert (found.by, found.merged_by) == ("acme", "acme")
    assert "" < found.opened <= found.at
    assert [(it.by, it.state) for it in found.reviews] == [("mallory", "approved")]
    assert datetime.fromisoformat(found.at).tzinfo
    assert datetime.fromisoformat(found.reviews[0].at).tzinfo


def test_a_commit_that_came_without_a_pull_request_says_so(forge: Forge, pull: int) -> None:
    assert forge.merged(forge.pull(pull).base) is None


def test_an_open_pull_request_is_found_by_its_newest_commit(
    forge: Forge, pull: int, merge: Callable[[], str]
) -> None:
    found = forge.pull(pull)
    assert forge.pulls_at(found.head) == [found]
    assert forge.pulls_at(found.base) == []
    merge()
    assert forge.pulls_at(found.head) == []


def test_the_newest_artifact_of_a_run_comes_back_byte_by_byte(
    forge: Forge, upload: Upload, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 9000
    upload(11, "pennon-review", b"of an earlier attempt")
    upload(11, "pennon-review", content)
    upload(11, "another", b"x")
    assert forge.artifact(11, "pennon-review", tmp_path / "new" / "zip", most=10**8)
    assert (tmp_path / "new" / "zip").read_bytes() == content


def test_of_an_artifact_that_is_too_long_only_the_beginning_is_written(
    forge: Forge, upload: Upload, tmp_path: Path
) -> None:
    upload(11, "pennon-review", b"x" * 3_000_000)
    assert forge.artifact(11, "pennon-review", tmp_path / "zip", most=2_000_001)
    assert (tmp_path / "zip").stat().st_size == 2_000_001


def test_a_run_without_such_an_artifact_says_so(
    forge: Forge, upload: Upload, tmp_path: Path
) -> None:
    upload(11, "pennon-review", b"x")
    assert not forge.artifact(11, "pennon", tmp_path / "zip", most=9)
    assert not forge.artifact(12, "pennon-review", tmp_path / "zip", most=9)
    assert not (tmp_path / "zip").exists()


def test_comments_come_oldest_first_with_their_author(author: Author, pull: int) -> None:
    author("mallory").create_comment(pull, "first")
    author("github-actions[bot]").create_comment(pull, "second")
    found = author("mallory").comments(pull)
    told = [(it.body, it.author, it.is_bot) for it in found]
    assert told == [("first", "mallory", False), ("second", "github-actions[bot]", True)]


def test_a_comment_is_edited_in_place(forge: Forge, pull: int) -> None:
    first = forge.create_comment(pull, "before")
    assert forge.update_comment(first.id, "after ✅").body == "after ✅"
    assert [(it.id, it.body) for it in forge.comments(pull)] == [(first.id, "after ✅")]


def test_a_comment_that_is_gone_can_be_deleted_but_not_edited(forge: Forge, pull: int) -> None:
    comment = forge.create_comment(pull, "short-lived").id
    forge.delete_comment(comment)
    forge.delete_comment(comment)
    assert forge.comments(pull) == []
    with pytest.raises(ForgeError):
        forge.update_comment(comment, "too late")


def test_a_comment_on_an_unknown_pull_request_is_refused(forge: Forge) -> None:
    with pytest.raises(ForgeError, match="4711"):
        forge.create_comment(4711, "hello?")
    with pytest.raises(ForgeError, match="4711"):
        forge.comments(4711)


@pytest.mark.parametrize("change", [False, True])
def test_a_comment_of_more_than_65536_characters_is_refused(
    forge: Forge, pull: int, *, change: bool
) -> None:
    comment = forge.create_comment(pull, "é" * 65_536)
    write = (
        partial(forge.update_comment, comment.id) if change else partial(forge.create_comment, pull)
    )
    with pytest.raises(ForgeError, match="comment"):
        write("é" * 65_537)
    assert len(forge.comments(pull)) == 1


def test_a_release_starts_as_a_draft_that_its_tag_finds(forge: Forge) -> None:
    assert forge.release(TAG) is None
    made = forge.create_release(TAG, "delay v1.0.0", "Notes", SHA)
    assert made.draft
    assert (made.tag, made.title, made.body, made.assets) == (TAG, "delay v1.0.0", "Notes", ())
    assert forge.release(TAG) == made


def test_the_same_release_is_not_made_twice(forge: Forge) -> None:
    made = forge.create_release(TAG, "one", "first", SHA)
    assert forge.create_release(TAG, "two", "second", SHA) == made


def test_the_text_of_a_draft_changes_and_it_stays_a_draft(forge: Forge) -> None:
    made = forge.create_release(TAG, "one", "first", SHA)
    changed = forge.update_release(made.id, title="two", body="second")
    assert (changed.title, changed.body, changed.draft) == ("two", "second", True)
    assert forge.release(TAG) == changed


def test_what_is_uploaded_comes_back_byte_by_byte(forge: Forge, file: File, tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    made = forge.create_release(TAG, "one", "first", SHA)
    asset = forge.upload_asset(made.id, file("model.skops", content))
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert (asset.name, asset.size) == ("model.skops", len(content))
    found = forge.release(TAG)
    assert found
    assert [(it.id, it.name, it.digest) for it in found.assets] == [
        (asset.id, "model.skops", digest)
    ]
    forge.download_asset(TAG, "model.skops", tmp_path / "new" / "copy")
    assert (tmp_path / "new" / "copy").read_bytes() == content


def test_an_asset_of_a_draft_is_replaced_by_one_of_its_name(
    forge: Forge, file: File, tmp_path: Path
) -> None:
    made = forge.create_release(TAG, "one", "first", SHA)
    forge.upload_asset(made.id, file("card.md", b"old"))
    forge.upload_asset(made.id, file("card.md", b"newer"))
    found = forge.release(TAG)
    assert found
    assert [(it.name, it.size) for it in found.assets] == [("card.md", 5)]
    forge.download_asset(TAG, "card.md", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"newer"


def test_a_published_release_keeps_its_files(forge: Forge, file: File) -> None:
    made = forge.create_release(TAG, "one", "first", SHA)
    forge.upload_asset(made.id, file("card.md", b"old"))
    published = forge.publish_release(made.id, made.tag)
    assert not published.draft
    assert forge.publish_release(made.id, made.tag) == published
    assert forge.release(TAG) == published
    with pytest.raises(ForgeError, match="published") as refused:
        forge.upload_asset(made.id, file("card.md", b"new"))
    assert "register a new version" in refused.value.hint
    assert forge.release(TAG) == published


def test_a_draft_gets_its_tag_when_it_is_published(forge: Forge, file: File) -> None:
    made = forge.create_release("draft/delay/0a1b", "one", "first", SHA)
    forge.upload_asset(made.id, file("card.md", b"old"))
    published = forge.publish_release(made.id, TAG)
    assert (published.id, published.tag, published.draft) == (made.id, TAG, False)
    assert published.asset("card.md")
    assert (forge.release(TAG), forge.release("draft/delay/0a1b")) == (published, None)


def test_drafts_are_listed_by_what_they_are_for(forge: Forge) -> None:
    made = [forge.create_release(f"draft/delay/{i}", "", "", SHA) for i in "21"]
    forge.create_release("draft/delays/1", "", "", SHA)
    forge.publish_release(forge.create_release("draft/delay/3", "", "", SHA).id, TAG)
    assert forge.drafts("draft/delay/") == made
    assert datetime.fromisoformat(made[0].at).tzinfo


def test_a_draft_can_be_deleted_and_what_is_published_cannot(forge: Forge) -> None:
    made = forge.create_release("draft/delay/1", "", "", SHA)
    forge.delete_draft(made.id)
    forge.delete_draft(made.id)
    assert forge.release("draft/delay/1") is None
    kept = forge.publish_release(forge.create_release("draft/delay/2", "", "", SHA).id, TAG)
    with pytest.raises(ForgeError, match="published"):
        forge.delete_draft(kept.id)
    assert forge.release(TAG) == kept


def test_a_file_that_a_release_does_not_have_leaves_nothing_behind(
    forge: Forge, file: File, tmp_path: Path
) -> None:
    made = forge.create_release(TAG, "one", "first", SHA)
    forge.upload_asset(made.id, file("card.md", b"old"))
    with pytest.raises(ForgeError, match=r"has no file model\.skops; it has: card\.md"):
        forge.download_asset(TAG, "model.skops", tmp_path / "copy")
    with pytest.raises(ForgeError, match="has no file"):
        forge.download_asset("delay@v9.9.9", "model.skops", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_releases_of_other_tags_stay_apart(forge: Forge) -> None:
    one = forge.create_release("delay@v1.0.0", "one", "", SHA)
    two = forge.create_release("delay@v1.0.0-rc.1", "two", "", SHA)
    forge.publish_release(two.id, two.tag)
    assert one.id != two.id
    found = forge.release("delay@v1.0.0")
    assert found
    assert found.draft


def test_a_deployment_goes_through_its_states_as_one(forge: Forge) -> None:
    started = forge.record_deployment(NEW)
    done = forge.record_deployment(
        with_state(DeploymentState.SUCCESS, url="http://127.0.0.1:8080/", why="promoted")
    )
    assert started.state is DeploymentState.IN_PROGRESS
    assert done.id == started.id
    assert forge.deployments("staging") == [done]
    assert (done.model, done.version, done.commit) == ("delay", "v1.0.0", SHA)
    assert (done.assignment, done.digest) == (NEW.assignment, NEW.digest)
    assert (done.url, done.why) == ("http://127.0.0.1:8080/", "promoted")
    assert done.at.endswith("Z")


def test_recording_the_same_twice_changes_nothing(forge: Forge) -> None:
    first = forge.record_deployment(with_state(DeploymentState.SUCCESS, why="promoted"))
    assert forge.record_deployment(with_state(DeploymentState.SUCCESS, why="promoted")) == first
    assert forge.deployments("staging") == [first]


def test_a_deployment_in_progress_can_say_more(forge: Forge) -> None:
    first = forge.record_deployment(NEW)
    more = forge.record_deployment(with_state(NEW.state, why="smoke test"))
    assert (more.id, more.why) == (first.id, "smoke test")
    assert forge.deployments("staging") == [more]


def test_a_new_try_after_a_failure_is_a_deployment_of_its_own(forge: Forge) -> None:
    forge.record_deployment(NEW)
    failed = forge.record_deployment(with_state(DeploymentState.FAILURE, why="smoke test"))
    again = forge.record_deployment(NEW)
    assert again.id > failed.id
    assert forge.deployments("staging") == [again, failed]


def test_a_rollback_to_the_same_version_is_a_deployment_of_its_own(forge: Forge) -> None:
    forge.record_deployment(with_state(DeploymentState.SUCCESS))
    newer = forge.record_deployment(
        with_state(DeploymentState.SUCCESS, version="v1.1.0", assignment="1" * 40)
    )
    back = forge.record_deployment(with_state(DeploymentState.SUCCESS, assignment="2" * 40))
    assert back.id > newer.id
    assert forge.deployments("staging") == [back]


def test_deployments_tell_of_each_model_what_runs_and_what_was_tried_since(forge: Forge) -> None:
    other = forge.record_deployment(with_state(DeploymentState.SUCCESS, model="taxi"))
    forge.record_deployment(with_state(DeploymentState.SUCCESS, assignment="1" * 40))
    runs = forge.record_deployment(with_state(DeploymentState.SUCCESS, assignment="2" * 40))
    tried = forge.record_deployment(with_state(DeploymentState.FAILURE, assignment="3" * 40))
    assert forge.deployments("staging") == [tried, runs, other]


def test_a_version_tells_all_its_deployments_whatever_came_after(forge: Forge) -> None:
    first = forge.record_deployment(with_state(DeploymentState.SUCCESS))
    forge.record_deployment(with_state(DeploymentState.SUCCESS, model="taxi"))
    forge.record_deployment(
        with_state(DeploymentState.SUCCESS, version="v1.1.0", assignment="1" * 40)
    )
    back = forge.record_deployment(with_state(DeploymentState.SUCCESS, assignment="2" * 40))
    assert forge.deployments_of("staging", "delay", "v1.0.0") == [back, first]
    assert forge.deployments_of("production", "delay", "v1.0.0") == []


def test_environments_do_not_see_each_other(forge: Forge) -> None:
    here = forge.record_deployment(with_state(DeploymentState.SUCCESS))
    there = forge.record_deployment(
        with_state(DeploymentState.SUCCESS, environment="production/eu")
    )
    assert forge.deployments("staging") == [here]
    assert forge.deployments("production/eu") == [there]
    assert forge.deployments("nowhere") == []


def test_a_workflow_can_be_started(forge: Forge) -> None:
    forge.dispatch("deploy.yml", "main", {"model": "delay", "stage": "champion"})


def test_it_says_where_it_is_and_keeps_its_token(forge: Forge) -> None:
    assert forge.where
    assert "ghs_" not in repr(forge)
    assert "token" not in repr(forge)
