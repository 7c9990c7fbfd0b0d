"""StatefulSets: numbered members with stable names and volumes. What to do next is decided in `plan`."""

from __future__ import annotations

from localcluster.client import Client, Object
from localcluster.controllers.claiming import claim
from localcluster.controllers.clock import Clock
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.meta import controller_of, key_of, name_of, namespace_of, split_key, status_of, uid_of
from localcluster.controllers.pods import seconds_until_available
from localcluster.controllers.recorder import Recorder
from localcluster.controllers.statefulset import members, plan, revisions
from localcluster.errors import ApiError
from localcluster.resources import CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS
from localcluster.selectors import from_object


class StatefulSetController(Controller):
    """Reconciles keys of StatefulSets."""

    name = "statefulset-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._sets = self.reads(STATEFUL_SETS)
        self._pods = self.reads(PODS)
        self._claims = self.reads(PERSISTENT_VOLUME_CLAIMS)
        self._revisions = self.reads(CONTROLLER_REVISIONS)
        self.follow(self._sets)
        self.follow_owned(self._pods, kind="StatefulSet")
        self._pods.on_change(self._orphan_changed)

    def _orphan_changed(self, _: Object | None, after: Object | None) -> None:
        """A pod without a controller may be a member to adopt."""
        if after is None or controller_of(after) is not None:
            return
        for stateful_set in self._sets.list(namespace_of(after)):
            if members.ordinal_of(after, of=stateful_set) is not None:
                self.queue.add(key_of(stateful_set))

    async def reconcile(self, key: str) -> None:
        stateful_set = self._sets.get(*split_key(key))
        if stateful_set is None:
            return
        pods = await claim(
            self.client, stateful_set, self._pods.list(namespace_of(stateful_set)), owned=PODS, owning=STATEFUL_SETS,
            selector=from_object(stateful_set["spec"]["selector"]),
            adoptable=lambda pod: members.ordinal_of(pod, of=stateful_set) is not None,
        )  # fmt: skip
        update = await self._update_revision(stateful_set)
        current = self._current_revision(stateful_set) or update
        now = self.clock.now()
        planned = plan.make(stateful_set, pods, current=name_of(current), update=name_of(update), now=now)
        failure = await self._carry_out(stateful_set, planned.actions, known=[current, update])
        if planned.status != status_of(stateful_set):
            await self.client.update(STATEFUL_SETS, {**stateful_set, "status": planned.status}, subresource="status")
        if failure is not None:
            raise failure
        waits = int(stateful_set["spec"].get("minReadySeconds", 0))
        wait = seconds_until_available(pods, min_ready_seconds=waits, now=now)
        if wait is not None:
            self.queue.add_after(key, wait)
        await self._forget_old(stateful_set, pods, live={name_of(current), name_of(update)})

    # --- revisions ---------------------------------------------------------------------------------------------

    def _owned_revisions(self, stateful_set: Object) -> list[Object]:
        return self._revisions.by_owner(uid_of(stateful_set))

    def _current_revision(self, stateful_set: Object) -> Object | None:
        return self._revisions.get(
            namespace_of(stateful_set), status_of(stateful_set).get("currentRevision") or "(none yet)"
        )

    async def _update_revision(self, stateful_set: Object) -> Object:
        """The revision of the set's own template; an old one that is wanted again gets the next number."""
        owned = self._owned_revisions(stateful_set)
        equal = revisions.find_equal(stateful_set, owned)
        number = revisions.next_number(owned)
        if equal is None:
            return await self._create_revision(stateful_set, number=number)
        if int(equal["revision"]) == number - 1:
            return equal
        return await self.client.update(CONTROLLER_REVISIONS, {**equal, "revision": number})

    async def _create_revision(self, stateful_set: Object, *, number: int) -> Object:
        """Counts collisions up until a name is free, or is one of ours with the same content."""
        collisions = int(status_of(stateful_set).get("collisionCount", 0))
        while True:
            wanted = revisions.new_revision(stateful_set, number=number, collisions=collisions)
            try:
                return await self.client.create(CONTROLLER_REVISIONS, wanted, namespace=namespace_of(stateful_set))
            except ApiError as error:
                if error.code != 409:
                    raise
            found = await self.client.get(CONTROLLER_REVISIONS, name_of(wanted), namespace=namespace_of(stateful_set))
            if found["data"] == wanted["data"]:
                return found
            collisions += 1

    async def _forget_old(self, stateful_set: Object, pods: list[Object], *, live: set[str]) -> None:
        owned = self._owned_revisions(stateful_set)
        for one in revisions.superfluous(stateful_set, owned, pods=pods, live=live):
            await self._delete_if_there(one)

    async def _delete_if_there(self, revision: Object) -> None:
        try:
            await self.client.delete(CONTROLLER_REVISIONS, name_of(revision), namespace=namespace_of(revision))
        except ApiError as error:
            if error.code != 404:
                raise

    # --- members -----------------------------------------------------------------------------------------------

    async def _carry_out(
        self, stateful_set: Object, actions: list[plan.Action], *, known: list[Object]
    ) -> ApiError | None:
        """Actions in their order; the first refusal ends them."""
        templates = {name_of(one): revisions.template_of(one) for one in known}
        try:
            for action in actions:
                if action.verb == "create":
                    await self._create(stateful_set, action, template=templates[action.revision])
                elif action.pod is not None and action.verb == "repair":
                    await self._repair(stateful_set, action.pod, ordinal=action.ordinal)
                elif action.pod is not None:
                    await self._delete(stateful_set, action.pod, ended=action.verb == "recreate")
        except ApiError as error:
            return error
        return None

    async def _create(self, stateful_set: Object, action: plan.Action, *, template: Object) -> None:
        pod = members.new_pod(stateful_set, template, ordinal=action.ordinal, revision=action.revision)
        subject = f"Pod {name_of(pod)} in StatefulSet {name_of(stateful_set)}"
        try:
            for wanted in members.new_claims(stateful_set, ordinal=action.ordinal):
                await self._ensure_claim(stateful_set, wanted, subject=subject)
            await self.client.create(PODS, pod, namespace=namespace_of(stateful_set))
        except ApiError as error:
            text = f"Create {subject} failed error: {error.message}"
            self.recorder.event(stateful_set, "Warning", "FailedCreate", text)
            raise
        self.recorder.event(stateful_set, "Normal", "SuccessfulCreate", f"Create {subject} successful")

    async def _ensure_claim(self, stateful_set: Object, wanted: Object, *, subject: str) -> None:
        """A claim that is there already is the member's own from an earlier life, and stays."""
        if self._claims.get(namespace_of(wanted), name_of(wanted)) is not None:
            return
        await self.client.create(PERSISTENT_VOLUME_CLAIMS, wanted, namespace=namespace_of(wanted))
        text = f"Create Claim {name_of(wanted)} {subject} success"
        self.recorder.event(stateful_set, "Normal", "SuccessfulCreate", text)

    async def _repair(self, stateful_set: Object, pod: Object, *, ordinal: int) -> None:
        labels = members.repaired_labels(stateful_set, pod, ordinal=ordinal)
        await self.client.update(PODS, {**pod, "metadata": {**pod["metadata"], "labels": labels}})

    async def _delete(self, stateful_set: Object, pod: Object, *, ended: bool) -> None:
        name, owner = name_of(pod), name_of(stateful_set)
        if ended:
            text = f"StatefulSet {namespace_of(pod)}/{owner} is recreating failed Pod {name}"
            self.recorder.event(stateful_set, "Warning", "RecreatingFailedPod", text)
        try:
            await self.client.delete(PODS, name, namespace=namespace_of(pod), uid=uid_of(pod))
        except ApiError as error:
            if error.code == 404:
                return
            text = f"Delete Pod {name} in StatefulSet {owner} failed error: {error.message}"
            self.recorder.event(stateful_set, "Warning", "FailedDelete", text)
            raise
        text = f"Delete Pod {name} in StatefulSet {owner} successful"
        self.recorder.event(stateful_set, "Normal", "SuccessfulDelete", text)
