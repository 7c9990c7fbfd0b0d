"""`surgeboard deploy`: plans, shows, asks, applies, waits. Also looks only (--plan) and goes back (--revision)."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashboard.cli import choosing, plan_text
from dashboard.cli.hints import next_steps
from dashboard.cli.options import Misused
from dashboard.cli.session import DONE, FAILED, Ended, Session, error_of
from dashboard.cli.terminal import Terminal
from dashboard.errors import Refused
from dashboard.kube.errors import ApiError
from dashboard.stack.bundles.options import KUBELET_INSECURE_TLS
from dashboard.stack.bundles.options import Chosen as Options
from dashboard.stack.bundles.reading import names_in
from dashboard.stack.chosen import Chosen
from dashboard.stack.planning.plan import Plan

NO_ONE_TO_ASK = "There is no terminal to ask on. Say --yes to apply the plan, or --plan to look only."
NOTHING = "Nothing was applied."
IN_THE_WAY = f"{NOTHING} What is marked with ! stands in the way."


def check(arguments: argparse.Namespace, terminal: Terminal) -> None:
    """Somebody must be there to ask, or --yes or --plan be said."""
    if not (arguments.plan or arguments.yes or terminal.can_ask):
        raise Misused(NO_ONE_TO_ASK)
    if arguments.revision is not None and (len(arguments.what) != 1 or choosing.looks_like_a_path(arguments.what[0])):
        raise Misused("--revision goes back with one stack; give its name, not a path.")
    if arguments.revision is not None and arguments.kubelet_insecure_tls is not None:
        raise Misused(
            "--revision goes back to what was applied, its options included; leave --kubelet-insecure-tls away."
        )


def work(session: Session) -> Ended:
    """The whole command."""
    arguments = session.arguments
    chosen = _chosen(session)
    if arguments.timeout is not None:
        session.stack.deadline_s = arguments.timeout
    options = _options(session, chosen)
    plan = _planned(session, chosen, options)
    remove = _removed(plan, arguments.remove)
    _refuse_unplanned(plan, arguments.take_over, remove)
    _show(session, plan, remove)
    if not plan.may_apply:
        return _blocked(session, plan)
    if arguments.plan:
        return Ended(DONE, _document(session, plan, {"state": "planned"}, None))
    if not _is_agreed(session, plan, remove):
        session.terminal.say(f"surgeboard: {NOTHING}", "red")
        return Ended(FAILED, _document(session, plan, {"state": "cancelled"}, error_of(NOTHING)))
    return _applied(session, plan, _deploying(session, chosen, plan, remove, options))


def _chosen(session: Session) -> list[Chosen]:
    """What the arguments mean, all of ours without any."""
    arguments, stack = session.arguments, session.stack
    if arguments.revision is not None:
        return [str(arguments.what[0])]
    names = choosing.known_names(stack)
    paths = [each for each in arguments.what if choosing.is_path(each, names)]
    if (arguments.cluster_scoped or arguments.name) and not paths:
        raise Misused("--cluster-scoped and --name are for a PATH; give one, such as ./shop.")
    if arguments.name and len(paths) > 1:
        raise Misused("--name names one stack; give one PATH.")
    if not arguments.what:
        return [stack.catalogue.get(each).name for each in names_in(stack.catalogue.bundles_dir)]
    chosen = [_one(session, each, each in paths) for each in dict.fromkeys(arguments.what)]
    _refuse_twice(chosen)
    return chosen


def _one(session: Session, argument: str, is_path: bool) -> Chosen:
    if is_path:
        given = session.arguments
        return choosing.bundle_at(session.stack, argument, name=given.name, cluster_scoped=given.cluster_scoped)
    choosing.refuse_unknown(session.stack, argument)
    return argument


def _refuse_twice(chosen: Sequence[Chosen]) -> None:
    names = [each if isinstance(each, str) else each.name for each in chosen]
    for name in names:
        if names.count(name) > 1:
            raise Misused(f"Two of these stacks are called {name}; deploy them one by one, one with another --name.")


def _options(session: Session, chosen: Sequence[Chosen]) -> Options | None:
    """What was chosen for a bundle of ours beside its files; None: it keeps what it was applied with."""
    is_wanted = session.arguments.kubelet_insecure_tls
    if is_wanted is None:
        return None
    if KUBELET_INSECURE_TLS.bundle not in chosen:
        raise Misused(f"--kubelet-insecure-tls is for {KUBELET_INSECURE_TLS.bundle}, which is not to be deployed.")
    return {KUBELET_INSECURE_TLS.bundle: [KUBELET_INSECURE_TLS.name] if is_wanted else []}


def _planned(session: Session, chosen: Sequence[Chosen], options: Options | None) -> Plan:
    arguments, terminal = session.arguments, session.terminal
    if terminal.can_redraw:
        terminal.draw("planning ...")
    try:
        if arguments.revision is not None:
            return session.stack.plan_back(str(chosen[0]), arguments.revision, take_over=arguments.take_over)
        return session.stack.plan(chosen, take_over=arguments.take_over, options=options)
    finally:
        terminal.clear()


def _removed(plan: Plan, asked: Sequence[str]) -> frozenset[str]:
    """The ids that may go; `all` means all that the plan lists."""
    if "all" in asked:
        return frozenset(each.ref.id for each in plan.objects if each.verdict == "remove")
    return frozenset(asked)


def _refuse_unplanned(plan: Plan, take_over: Sequence[str], remove: frozenset[str]) -> None:
    """An id that the plan does not know is a slip, and better told than passed over."""
    removable = sorted(each.ref.id for each in plan.objects if each.verdict == "remove")
    known = sorted(each.ref.id for each in plan.objects if each.verdict != "remove")
    for option, given, there in (("--remove", remove, removable), ("--take-over", take_over, known)):
        for each in given:
            if each not in there:
                raise Misused(f"{option} {each}: the plan knows {', '.join(there) or 'none'}.")


def _show(session: Session, plan: Plan, remove: frozenset[str]) -> None:
    """With --json a person sees it only before being asked; the document has it in any case."""
    arguments = session.arguments
    is_asking = not (arguments.plan or arguments.yes)
    if arguments.json and not is_asking:
        return
    for line, style in plan_text.plan_lines(plan, remove=remove, is_verbose=arguments.verbose):
        session.terminal.tell(line, style, before_asking=is_asking)


def _is_agreed(session: Session, plan: Plan, remove: frozenset[str]) -> bool:
    """Whether the person wants it; nothing is asked where nothing would change."""
    has_changes = any(each.verdict not in ("unchanged", "remove") for each in plan.objects) or bool(remove)
    if session.arguments.yes or not has_changes:
        return True
    answer = session.terminal.ask(f"Apply to {session.cluster['name']}? [y/N] ")
    return answer is not None and answer.lower() in ("y", "yes")


def _deploying(
    session: Session, chosen: Sequence[Chosen], plan: Plan, remove: frozenset[str], options: Options | None
) -> Callable[[], Mapping[str, Any]]:
    arguments, stack, by = session.arguments, session.stack, session.by
    if arguments.revision is not None:
        return lambda: stack.run_roll_back(
            str(chosen[0]), arguments.revision, by=by, take_over=arguments.take_over, remove=remove, seal=plan.seal
        )
    return lambda: stack.run(
        chosen, by=by, take_over=arguments.take_over, expect=plan.revisions, remove=remove, options=options
    )  # fmt: skip


def _blocked(session: Session, plan: Plan) -> Ended:
    sentence = f"{NOTHING} {plan_text.blocked(plan)}"
    session.terminal.say(f"surgeboard: {sentence if session.arguments.json else IN_THE_WAY}", "red")
    return Ended(FAILED, _document(session, plan, {"state": "failed"}, error_of(sentence, 422)))


def _applied(session: Session, plan: Plan, deploying: Callable[[], Mapping[str, Any]]) -> Ended:
    row = session.run(deploying)
    if row["state"] != "done":
        session.terminal.say(f"surgeboard: {row['error']}", "red")
        return Ended(FAILED, _document(session, plan, row, error_of(str(row["error"]))))
    document = _document(session, plan, row, None)
    for line in _done_lines(row, document["revisions"]):
        session.terminal.tell(line, "green")
    for line in next_steps(session, list(row["bundles"])):
        session.terminal.say(line, "dim")
    return Ended(DONE, document)


def _done_lines(row: Mapping[str, Any], revisions: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in row["bundles"]:
        found = revisions[name]
        lines.append(f"{name} is deployed" + (f" as revision {found['number']}." if found else "."))
    return lines


def _document(
    session: Session, plan: Plan, row: Mapping[str, Any], error: Mapping[str, Any] | None
) -> dict[str, Any]:  # fmt: skip
    """Described in docs/commands.md; scripts rely on it."""
    names = list(plan.revisions)
    return {
        "action": "deploy" if session.arguments.revision is None else "roll back",
        "cluster": dict(session.cluster),
        "bundles": names,
        "plan": plan.document(),
        "state": row["state"],
        "error": error,
        "steps": row.get("steps", []),
        "revisions": {name: _latest(session, name) for name in names},
        "started_at": row.get("started_at"),
        "finished_at": row.get("finished_at"),
    }


def _latest(session: Session, name: str) -> Mapping[str, Any] | None:
    """The newest record, None where there is none or it cannot be read."""
    try:
        found = session.stack.history(name)
    except (Refused, ApiError):
        return None
    fields = ("number", "revision", "at", "by", "state", "rolled_back_from")
    return {each: getattr(found[0], each) for each in fields} if found else None
