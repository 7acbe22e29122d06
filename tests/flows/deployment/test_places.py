"""What rollout.yaml asks of an environment, and who splits the traffic there."""

from __future__ import annotations

import pytest
import yaml

from pennon.config import load
from pennon.flows.deployment.places import unsound, unsplit
from pennon.targets import Splits, splits
from shop import FILES

ARGO = {"variant": "rollouts", "rollout": {"prometheus": "http://prometheus"}}
MODES = {
    "canary": {"steps": [{"share": 0.1}], "guards": {"errors": {"margin": 0.01}}},
    "shadow": {"steps": [{"share": 1}], "guards": {"errors": {"margin": 0.01}}},
    "ab": {"steps": [{"share": 0.5}], "goal": {"measure": "outcome", "smallest": 0.01}},
}


@pytest.mark.parametrize(
    ("target", "settings", "who"),
    [
        ("local", {}, Splits.SERVER),
        ("compose", {}, Splits.NOBODY),
        ("bundle", {"to": "/srv/edge"}, Splits.NOBODY),
        ("kubernetes", {}, Splits.NOBODY),
        ("kubernetes", ARGO, Splits.ENGINE),
        ("kubernetes", {"variant": "kserve"}, Splits.NOBODY),
        ("kubernetes", {"variant": "kserve", "canary": 10}, Splits.SETTING),
        ("kubernetes", {"variant": "moon"}, Splits.NOBODY),
        ("azureml", {}, Splits.NOBODY),
        ("azureml", {"canary": 10}, Splits.SETTING),
    ],
)
def test_each_target_says_who_splits(target: str, settings: dict[str, object], who: Splits) -> None:
    assert splits(target, settings) is who


@pytest.mark.parametrize(
    ("target", "settings", "works"),
    [
        ("local", {}, {"canary", "shadow", "ab"}),
        ("kubernetes", ARGO, {"canary"}),
        ("kubernetes", {"variant": "kserve", "canary": 10}, set()),
        ("compose", {}, set()),
    ],
)
def test_a_rollout_where_nobody_would_split_is_told(
    target: str, settings: dict[str, object], works: set[str]
) -> None:
    project = yaml.safe_load(FILES["pennon.yaml"])
    project["environments"] = {"production": {"target": target, "settings": settings}}
    found = {}
    for mode, plan in MODES.items():
        plans = {"models": {"churn": {"environment": "production", "mode": mode} | plan}}
        made = {"pennon.yaml": yaml.safe_dump(project), "rollout.yaml": yaml.safe_dump(plans)}
        config = load((FILES | made).get)
        assert not list(unsound(config))
        found[mode] = [(it.file, it.path, it.what) for it in unsplit(config)]
    assert {mode for mode, problems in found.items() if not problems} == works
    for file, path, what in (it for problems in found.values() for it in problems):
        assert (file, path) == ("rollout.yaml", "models.churn.environment")
        assert f"nobody splits the traffic of production (target {target}) for mode" in what
