"""All rules of the lint, and the one place that runs them."""

from collections.abc import Callable, Iterator

from ..schema import VideoPlan
from . import box_rules, camera_rules, entity_rules, prompt_rules, scene_rules
from .findings import Finding

Rule = Callable[[VideoPlan], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    entity_rules.in_no_scene,
    entity_rules.without_a_box,
    entity_rules.one_thing_twice,
    entity_rules.undescribed,
    box_rules.too_small,
    box_rules.in_one_place,
    box_rules.too_fast,
    box_rules.stretched,
    box_rules.small_background,
    camera_rules.against_motion,
    camera_rules.hardly_moves,
    prompt_rules.too_long,
    prompt_rules.begins_with_a_pronoun,
    prompt_rules.not_latin,
    prompt_rules.leaves_out_an_entity,
    prompt_rules.same_frame_prompts,
    scene_rules.same_scene,
    scene_rules.without_background,
    scene_rules.duration,
)


def lint_plan(plan: VideoPlan) -> list[Finding]:
    """Look through a plan for what will hardly look as wished.

    Returns:
        Warnings first; among equals in the order of the rules, then of the plan. The same plan
        always gives the same list.
    """
    found = [finding for rule in RULES for finding in rule(plan)]
    return sorted(found, key=lambda finding: finding.severity != "warning")
