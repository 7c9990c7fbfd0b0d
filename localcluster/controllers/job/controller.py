"""Jobs: runs pods until enough have succeeded or too many have failed. What to do next is decided in `decisions`."""

from __future__ import annotations

from typing import Any

from localcluster.client import Client, Object
from localcluster.controllers.claiming import claim
from localcluster.controllers.clock import Clock, seconds_since, timestamp
from localcluster.controllers.conditions import Condition, put_last
from localcluster.controllers.controller import Controller
from localcluster.controllers.informer import Informers
from localcluster.controllers.job import decisions
from localcluster.controllers.job.decisions import TRACKING, Decision
from localcluster.controllers.meta import (
    controller_of,
    finalizers_of,
    is_controlled_by,
    is_terminating,
    name_of,
    namespace_of,
    split_key,
    status_of,
    uid_of,
    without_zeros,
)
from localcluster.controllers.pods import from_template, is_finished
from localcluster.controllers.recorder import Recorder
from localcluster.errors import ApiError
from localcluster.resources import JOBS, PODS
from localcluster.selectors import from_object

SHORTEST_WAIT_SECONDS = 0.05
"""Before looking at a deadline again: times in the API have whole seconds, and asking at once would spin."""

_PRINTED_ZEROS = frozenset({"ready", "terminating"})


class JobController(Controller):
    """Reconciles keys of Jobs, also of Jobs that are gone: their pods must not wait for them."""

    name = "job-controller"

    def __init__(self, client: Client, informers: Informers, recorder: Recorder, clock: Clock) -> None:
        super().__init__(client, informers, recorder, clock)
        self._jobs = self.reads(JOBS)
        self._pods = self.reads(PODS)
        self.follow(self._jobs)
        self.follow_owned(self._pods, kind="Job")

    async def reconcile(self, key: str) -> None:
        job = self._jobs.get(*split_key(key))
        if job is None or is_terminating(job):
            await self._let_go_of_pods(key, job)
            return
        pods = await self._claim(job)
        if decisions.is_over(job):
            await self._remove_tracking(pods)
            await self._delete_when_expired(job, key)
            return
        await self._step(key, job, pods)

    async def _claim(self, job: Object) -> list[Object]:
        return await claim(
            self.client, job, self._pods.list(namespace_of(job)), owned=PODS, owning=JOBS,
            selector=from_object(job["spec"]["selector"]), adoptable=lambda pod: TRACKING in finalizers_of(pod),
        )  # fmt: skip

    async def _step(self, key: str, job: Object, pods: list[Object]) -> None:
        now = self.clock.now()
        if not status_of(job).get("startTime") and not job["spec"].get("suspend"):
            # Written together with the first counts.
            job = {**job, "status": {**status_of(job), "startTime": timestamp(now)}}
        decision = decisions.decide(job, pods, decisions.count(job, pods), now=now)
        failure = await self._scale(job, decision)
        pods = self._owned(job)
        job = await self._write_counts(job, pods, interim=decision.interim)
        await self._remove_tracking(pods)
        await self._settle(job, pods)
        if failure is not None:
            raise failure
        if decision.again_after is not None:
            self.queue.add_after(key, max(SHORTEST_WAIT_SECONDS, decision.again_after))

    # --- pods --------------------------------------------------------------------------------------------------

    def _owned(self, job: Object) -> list[Object]:
        return [pod for pod in self._pods.by_owner(uid_of(job)) if is_controlled_by(pod, job)]

    async def _scale(self, job: Object, decision: Decision) -> ApiError | None:
        """The first refusal, if there was one."""
        try:
            for pod in decision.stop:
                await self._stop(job, pod)
            for _ in range(decision.create):
                await self._create(job)
        except ApiError as error:
            return error
        return None

    async def _create(self, job: Object) -> None:
        pod = from_template(job["spec"]["template"], job, api_version=JOBS.api_version, kind=JOBS.kind)
        pod["metadata"]["finalizers"] = [*finalizers_of(pod), TRACKING]
        try:
            created = await self.client.create(PODS, pod, namespace=namespace_of(job))
        except ApiError as error:
            self.recorder.event(job, "Warning", "FailedCreate", f"Error creating: {error.message}")
            raise
        self.recorder.event(job, "Normal", "SuccessfulCreate", f"Created pod: {name_of(created)}")

    async def _stop(self, job: Object, pod: Object) -> None:
        try:
            await self.client.delete(PODS, name_of(pod), namespace=namespace_of(pod), uid=uid_of(pod))
        except ApiError as error:
            if error.code == 404:
                return
            self.recorder.event(job, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            raise
        self.recorder.event(job, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")

    async def _remove_tracking(self, pods: list[Object]) -> None:
        """From pods that are counted: those that have ended or are on their way out."""
        for pod in pods:
            if TRACKING in finalizers_of(pod) and (is_finished(pod) or is_terminating(pod)):
                await self._remove_finalizer(pod)

    async def _let_go_of_pods(self, key: str, job: Object | None) -> None:
        """The Job is gone or going: nobody will count its pods any more."""
        namespace, name = split_key(key)
        for pod in self._pods.list(namespace):
            owner = controller_of(pod)
            if TRACKING not in finalizers_of(pod) or owner is None or (owner["kind"], owner["name"]) != ("Job", name):
                continue
            if job is None or owner["uid"] == uid_of(job):
                await self._remove_finalizer(pod)

    async def _remove_finalizer(self, pod: Object) -> None:
        kept = [one for one in finalizers_of(pod) if one != TRACKING]
        metadata = {"uid": uid_of(pod), "finalizers": kept or None}
        try:
            await self.client.patch(
                PODS, name_of(pod), {"metadata": metadata},
                patch_type="application/merge-patch+json", namespace=namespace_of(pod),
            )  # fmt: skip
        except ApiError as error:
            if error.code != 404:
                raise

    # --- status ------------------------------------------------------------------------------------------------

    async def _write_counts(self, job: Object, pods: list[Object], *, interim: Condition | None) -> Object:
        """Pods as they are now, newly ended ones noted by uid, and what has been decided."""
        now = self.clock.now()
        counts = decisions.count(job, pods)
        conditions = list(status_of(job).get("conditions") or [])
        suspension = decisions.suspension(job, now=now)
        for condition in (suspension, interim):
            if condition is not None:
                conditions = put_last(conditions, condition)
        if suspension is not None:
            reason = "Suspended" if suspension["status"] == "True" else "Resumed"
            self.recorder.event(job, "Normal", reason, suspension["message"])
        status = status_of(job) | decisions.counted_status(counts, pods)
        status["uncountedTerminatedPods"] = decisions.uncounted(job, counts)
        return await self._write(job, status, conditions)

    async def _settle(self, job: Object, pods: list[Object]) -> None:
        """Turn the noted uids into numbers, their pods being released, and end the Job if it is decided."""
        now = self.clock.now()
        noted = status_of(job).get("uncountedTerminatedPods") or {}
        status = dict(status_of(job))
        for part in ("succeeded", "failed"):
            status[part] = int(status.get(part, 0)) + len(noted.get(part, []))
        status["uncountedTerminatedPods"] = {}
        left = decisions.count(job, pods).terminating
        final = decisions.final_condition(job, pods_left=left, now=now)
        conditions = list(status.get("conditions") or [])
        if final is not None:
            conditions.append(final)
            if final["type"] == "Complete":
                status["completionTime"] = timestamp(now)
        written = await self._write(job, status, conditions)
        if final is not None:
            self._tell_end(written, final)

    async def _write(self, job: Object, status: dict[str, Any], conditions: list[Condition]) -> Object:
        status = without_zeros(status, keep=_PRINTED_ZEROS)
        if conditions:
            status["conditions"] = conditions
        current = self._jobs.get(namespace_of(job), name_of(job))
        if current is not None and status_of(current) == status:
            return job
        return await self.client.update(JOBS, {**job, "status": status}, subresource="status")

    def _tell_end(self, job: Object, final: Condition) -> None:
        if final["type"] == "Complete":
            self.recorder.event(job, "Normal", "Completed", "Job completed")
        else:
            self.recorder.event(job, "Warning", final["reason"], final["message"])

    async def _delete_when_expired(self, job: Object, key: str) -> None:
        """`ttlSecondsAfterFinished`: the Job goes, its pods first."""
        ttl, ended = job["spec"].get("ttlSecondsAfterFinished"), decisions.finished_at(job)
        if ttl is None or ended is None:
            return
        left = float(ttl) - seconds_since(ended, self.clock.now())
        if left > 0:
            self.queue.add_after(key, left)
            return
        try:
            await self.client.delete(
                JOBS, name_of(job), namespace=namespace_of(job), uid=uid_of(job), propagation_policy="Foreground"
            )
        except ApiError as error:
            if error.code != 404:
                raise
