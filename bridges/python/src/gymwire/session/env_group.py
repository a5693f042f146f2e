"""All environments of one session: requests in, replies out, as messages. Sequence numbers are the server's concern."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gymwire.codec.packed_infos import encode_infos
from gymwire.codec.spaces import Space
from gymwire.codec.values import decode_entries, decode_value, encode_tensor, encode_value
from gymwire.errors import GymwireError
from gymwire.session.batch import stack
from gymwire.session.env_slot import EnvSlot, Simulator, SlotStep, guarded
from gymwire.session.group_parts import described_space, detach_of, holds_texts
from gymwire.session.listed_members import ListedMembers
from gymwire.session.member_calls import attribute_value, method_call
from gymwire.session.notes import Notes
from gymwire.session.plain_rows import PlainRows, plain_rows
from gymwire.session.read_reply import Info, ReplyReader, ReplyRules
from gymwire.session.render_mode import attribute_of
from gymwire.session.request_parts import indices_for, mask_for, seeds_for
from gymwire.session.slot_state import SlotState
from gymwire.session.step_arrays import StepArrays
from gymwire.session.step_checks import checked_actions, next_seeds_for
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

MODES = {
    pb.AUTORESET_MODE_DISABLED: "disabled",
    pb.AUTORESET_MODE_NEXT_STEP: "next-step",
    pb.AUTORESET_MODE_SAME_STEP: "same-step",
}


class EnvGroup:
    """
    `num_envs` is None for a single environment, whose arrays have no leading dimension.

    When some environments of a request fail, the others are carried out all the same, and the fault of the lowest
    index is raised.
    """

    def __init__(
        self,
        envs: Sequence[Simulator],
        request: pb.MakeSessionRequest,
        members: ListedMembers,
        rules: ReplyRules,
        notes: Notes,
    ) -> None:
        """
        The request's modes and limit are resolved: none of them is unspecified.

        Raises GymwireError ENV_FAILED where the environments' spaces are not the same.
        """
        self.members = members
        limit = request.max_episode_steps if request.HasField("max_episode_steps") else None
        self._mode = mode = MODES[request.autoreset_mode]
        self._envs = envs
        self.notes = notes
        self._observation_space = envs[0].observation_space
        self._action_space = envs[0].action_space
        #: The session has other environments in other processes.
        self.is_part = rules.first_index is not None
        self._first_index = first = rules.first_index or 0
        for index, env in enumerate(envs, first):
            _check_same("observation_space", self._observation_space, env.observation_space, index)
            _check_same("action_space", self._action_space, env.action_space, index)
        #: Whether actions hold texts of the client.
        self.acts_in_words = holds_texts(self._action_space)
        self._num_envs = request.num_envs if request.HasField("num_envs") else None
        self._reader = reader = ReplyReader(self._observation_space, rules, self.notes)
        self._slots = [
            EnvSlot(env, None if self._num_envs is None else first + row, row, reader, limit, mode)
            for row, env in enumerate(envs)
        ]
        self._detaches = [call for env in envs if (call := detach_of(env)) is not None]
        self._rejects = request.out_of_bounds_rule == pb.OUT_OF_BOUNDS_RULE_REJECT
        self._packs_infos = request.accepts_packed_infos and self._num_envs is not None
        self._renders = request.render_mode != ""

    @property
    def first(self) -> Simulator:
        """All are alike."""
        return self._envs[0]

    @property
    def count(self) -> int:
        return len(self._envs)

    @property
    def states(self) -> Sequence[SlotState]:
        """Where each environment is."""
        return self._slots

    def describe(self) -> pb.MakeSessionResponse:
        """
        The spaces, and what some environments tell of themselves only when they are made.

        Raises GymwireError ENV_FAILED where the spaces are none.
        """
        metadata = attribute_of(self._envs[0], "metadata")
        fps = metadata.get("render_fps") if isinstance(metadata, Mapping) else None
        return pb.MakeSessionResponse(
            observation_space=described_space("observation_space", self._observation_space),
            action_space=described_space("action_space", self._action_space),
            spec=pb.EnvSpec(render_fps=None if fps is None else float(fps)),
        )

    def reset(self, request: pb.ResetRequest, sequence: int) -> pb.ResetResponse:
        seeds = seeds_for(request, len(self._slots))
        mask = mask_for(request, [slot.is_unborn for slot in self._slots], may_name_none=self.is_part)

        def reset_one(index: int) -> Any:
            if not mask[index]:
                return None
            # Each its own: a simulator may write into what it gets.
            options = decode_entries(request.options.entries, "options") if request.HasField("options") else None
            return self._slots[index].reset(seeds[index], options)

        infos, packed = self._encode_infos(enumerate(self._each(reset_one)))
        return pb.ResetResponse(
            sequence=sequence,
            observation=encode_value(self._batch([slot.observation for slot in self._slots])),
            infos=infos,
            packed_infos=packed,
        )

    def step(self, request: pb.StepRequest, sequence: int) -> pb.StepResponse:
        seeds = next_seeds_for(request.next_seeds, self._num_envs, self._mode) if request.next_seeds else None
        actions = checked_actions(
            self._action_space,
            decode_value(request.action, "action"),
            self._num_envs,
            self._slots,
            bounds=self._rejects,
            first=self._first_index,
        )
        return self.step_checked(actions, seeds, sequence)

    def step_checked(self, actions: Sequence[Any], seeds: Sequence[int] | None, sequence: int) -> pb.StepResponse:
        """As `step`, where what is asked has been looked at."""
        rows = None if self._num_envs is None else plain_rows(self._observation_space, self._num_envs)
        if rows is None:
            return self._step_each(actions, seeds, sequence)
        arrays = self._step_all(actions, seeds, rows)
        return self._step_response(
            sequence,
            arrays.rows.batch,
            (arrays.rewards, arrays.terminated, arrays.truncated),
            arrays.infos,
            arrays.finals,
        )

    def _step_all(self, actions: Sequence[Any], seeds: Sequence[int] | None, rows: PlainRows) -> StepArrays:
        """Observations go where they are sent from, and are looked at all at once."""
        arrays = StepArrays(rows, len(self._slots))
        faults: dict[int, Exception] = {}
        for index, slot in enumerate(self._slots):
            try:
                slot.step_into(arrays, actions[index], None if seeds is None else seeds[index])
            except Exception as error:  # noqa: BLE001 -- raised below, when all are through
                faults[index] = error
        faults.update(
            self._reader.check_rows(
                rows, arrays.unseen, lambda index: f"step of environment {self._first_index + index}"
            )
        )
        for index in arrays.unseen:
            if index in faults:
                self._slots[index].phase = "failed"
            else:
                self._slots[index].is_in(rows)
        if faults:
            raise faults[min(faults)]
        return arrays

    def _step_each(self, actions: Sequence[Any], seeds: Sequence[int] | None, sequence: int) -> pb.StepResponse:
        def step_one(index: int) -> SlotStep:
            return self._slots[index].step(actions[index], None if seeds is None else seeds[index])

        steps: list[SlotStep] = self._each(step_one)
        flags = (bytes(step.terminated for step in steps), bytes(step.truncated for step in steps))
        return self._step_response(
            sequence,
            self._batch([step.observation for step in steps]),
            ([step.reward for step in steps], *flags),
            ((index, step.info) for index, step in enumerate(steps)),
            [(index, *step.final) for index, step in enumerate(steps) if step.final is not None],
        )

    def _step_response(
        self,
        sequence: int,
        observation: Any,
        outcome: tuple[Sequence[float], Sequence[int], Sequence[int]],
        infos: Iterable[tuple[int, Info]],
        finals: Sequence[tuple[int, Any, Info]],
    ) -> pb.StepResponse:
        """:param outcome: rewards, terminated and truncated"""
        own, packed = self._encode_infos(infos)
        rewards, terminated, truncated = outcome
        response = pb.StepResponse(
            sequence=sequence,
            observation=encode_value(observation),
            rewards=np.array(rewards, np.float64).tobytes(),
            terminated=bytes(terminated),
            truncated=bytes(truncated),
            infos=own,
            packed_infos=packed,
        )
        if finals:
            response.final_env_indices.extend(index for index, _, _ in finals)
            rows = stack(self._observation_space, [observation for _, observation, _ in finals])
            response.final_observation.CopyFrom(encode_value(rows))
            own, packed = self._encode_infos((index, info) for index, _, info in finals)
            response.final_infos.extend(own)
            response.packed_final_infos.extend(packed)
        return response

    def render(self, request: pb.RenderRequest) -> pb.RenderResponse:
        if not self._renders:
            raise GymwireError("UNSUPPORTED", "render: the session was made without a render mode")
        if request.env_index >= len(self._slots):
            raise GymwireError(
                "INVALID_ARGUMENT", f"render: no environment {request.env_index} among {len(self._slots)}"
            )
        return pb.RenderResponse(frame=encode_tensor(self._slots[request.env_index].render()))

    def call(self, request: pb.CallMethodRequest) -> Callable[[], list[value_pb2.Value]]:
        """
        What calls the methods, and raises what they raise.

        Raises what is wrong with the request, before anything is called.
        """
        self.members.expect("call", request.name)
        indices = indices_for("call", request.env_indices, len(self._envs))
        call_one = method_call(request, self._envs, indices)
        return lambda: self._each(call_one, indices)

    def read(self, request: pb.ReadAttributeRequest) -> pb.ReadAttributeResponse:
        self.members.expect("read", request.name)
        indices = indices_for("read", request.env_indices, len(self._envs))
        values = self._each(lambda index: attribute_value(request.name, self._envs[index]), indices)
        return pb.ReadAttributeResponse(values=values)

    @property
    def listens_for_detach(self) -> bool:
        """Whether an environment has a method `detach`: one that moves by itself, such as a robot."""
        return len(self._detaches) > 0

    def detach(self) -> None:
        """
        The client's stream has ended, perhaps while a request is under way in another thread. A fault of one
        environment keeps it from none; nobody is left to be told of it but the operator.
        """
        for call in self._detaches:
            try:
                guarded("detach", call)
            except GymwireError as error:
                traceback.print_exc()
                self.notes.add_quote("detach", error.message, "an environment failed in detach")

    def fail(self) -> None:
        """What they returned cannot be told: only a reset helps."""
        for slot in self._slots:
            slot.phase = "failed"

    def close(self) -> None:
        self._each(lambda index: self._slots[index].close())

    def _each(self, call: Callable[[int], Any], indices: Sequence[int] | None = None) -> list[Any]:
        results: list[Any] = []
        fault: Exception | None = None
        for index in range(len(self._slots)) if indices is None else indices:
            try:
                results.append(call(index))
            except Exception as error:  # noqa: BLE001 -- raised below, when all are through
                fault = fault or error
        if fault is not None:
            raise fault
        return results

    def _encode_infos(self, infos: Iterable[tuple[int, Info | None]]) -> tuple[list[pb.EnvInfo], list[pb.PackedInfos]]:
        return encode_infos(infos, len(self._slots), packs=self._packs_infos)

    def _batch(self, observations: Sequence[Any]) -> Any:
        return observations[0] if self._num_envs is None else stack(self._observation_space, observations)


def _check_same(name: str, expected: Space, got: Space, index: int) -> None:
    """Rows of a batch have one space: an observation of another one would be cast, or not fit."""
    if got is not expected and got != expected:
        raise GymwireError("ENV_FAILED", f"environment {index} has another {name} than environment 0")
