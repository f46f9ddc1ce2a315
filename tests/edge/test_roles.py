"""Which role may do what."""

import pytest

from ecluse.edge.roles import MAY, Act, Role, may


def test_each_role_has_its_row_and_the_administrator_may_do_everything() -> None:
    assert set(MAY) == set(Role)
    assert may([Role.ADMIN]) == frozenset(Act)


def test_nobody_of_no_role_may_do_anything() -> None:
    assert may([]) == frozenset()


def test_several_roles_may_do_what_any_of_them_may() -> None:
    assert may([Role.AUDITOR, Role.DEVELOPER]) == {Act.LOOK, Act.TRY, Act.READ, Act.REPORT, Act.NAMES}


def test_names_are_shown_to_whoever_answers_for_persons_alone() -> None:
    assert {role for role in Role if Act.NAMES in may([role])} == {Role.ADMIN, Role.DPO, Role.AUDITOR}


def test_nobody_but_an_administrator_takes_every_step_of_a_change_of_the_rules() -> None:
    steps = {Act.DRAFT_RULES, Act.APPROVE_RULES, Act.PUBLISH_RULES}
    assert [role for role in Role if steps <= MAY[role]] == [Role.ADMIN]
    assert not steps & (MAY[Role.AUDITOR] | MAY[Role.DEVELOPER])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_no_other_role_administers(role: Role) -> None:
    assert Act.ADMINISTER not in may([role])
