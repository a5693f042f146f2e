"""
The environments of one session in several processes, of which this one has the first share. It checks what a request
asks of all of them, hands each process its part, and puts their replies one after the other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gymwire.codec.values import decode_value, encode_value
from gymwire.errors import GymwireError
from gymwire.session.batch import slice_of
from gymwire.session.env_group import MODES, EnvGroup
from gymwire.session.env_slot import Simulator
from gymwire.session.listed_members import ListedMembers
from gymwire.session.merge import Reply, merged_reset, merged_step
from gymwire.session.notes import Notes
from gymwire.session.part import Part
from gymwire.session.read_reply import ReplyRules
from gymwire.session.request_parts import indices_for, mask_for, seeds_for
from gymwire.session.slot_state import DistantState
from gymwire.session.step_checks import checked_actions, next_seeds_for
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2

#: Protobuf's own limit.
_LARGEST_PART_BYTES = 2**31 - 1


def shares_of(count: int, workers: int) -> list[int]:
    """How many environments each process has: as equal as can be, the first ones one more."""
    workers = min(count, workers)
    return [count // workers + (index < count % workers) for index in range(workers)]


class SplitGroup:
    """As an `EnvGroup` of all of them: the same replies to the bit, the same faults."""

    def __init__(
        self,
        factory: bytes,
        request: pb.MakeSessionRequest,
        rules: ReplyRules,
        make: Callable[[pb.MakeSessionRequest, ReplyRules], EnvGroup],
    ) -> None:
        """
        Raises the fault of the lowest environment that cannot be made.

        :param factory: that of this process, for the others
        :param make: makes the first share
        """
        shares = shares_of(request.num_envs, rules.workers)
        self._count = request.num_envs
        self._mode = MODES[request.autoreset_mode]
        self._rejects = request.out_of_bounds_rule == pb.OUT_OF_BOUNDS_RULE_REJECT
        self._renders = request.render_mode != ""
        self._parts: list[Part] = []

        def share_of(index: int) -> tuple[pb.MakeSessionRequest, ReplyRules]:
            plan = pb.MakeSessionRequest()
            plan.CopyFrom(request)
            plan.num_envs = shares[index]
            # Whether a reply is too large is found out of the whole: then no environment of the session can go on.
            return plan, replace(
                rules, workers=1, first_index=sum(shares[:index]), max_message_bytes=_LARGEST_PART_BYTES
            )

        own: EnvGroup | None = None
        try:
            for index in range(1, len(shares)):
                plan, own_rules = share_of(index)
                part = Part(own_rules.first_index or 0, [DistantState(self._mode) for _ in range(shares[index])])
                self._parts.append(part)
                part.start((factory, plan.SerializeToString(), own_rules.dump()))
            self._own = own = make(*share_of(0))
            self.notes: Notes = own.notes
            self._description = own.describe()
            for part in self._parts:
                self._check_same(part.made(self.notes), part.first)
        except BaseException:
            for part in self._parts:
                part.kill()
            if own is not None:
                with contextlib.suppress(GymwireError):
                    own.close()
            raise
        self._observation_space = self.first.observation_space
        self._action_space = self.first.action_space
        self._states = [*self._own.states, *(state for part in self._parts for state in part.states)]

    @property
    def first(self) -> Simulator:
        return self._own.first

    @property
    def members(self) -> ListedMembers:
        return self._own.members

    @property
    def acts_in_words(self) -> bool:
        return self._own.acts_in_words

    @property
    def listens_for_detach(self) -> bool:
        return self._own.listens_for_detach

    def describe(self) -> pb.MakeSessionResponse:
        return self._description

    def reset(self, request: pb.ResetRequest, sequence: int) -> pb.ResetResponse:
        seeds = seeds_for(request, self._count)
        mask = mask_for(request, [state.is_unborn for state in self._states])

        def request_of(first: int, end: int) -> pb.InteractRequest:
            own = pb.ResetRequest()
            if request.WhichOneof("seeding") is not None:
                own.seeds.seeds.extend(pb.OptionalSeed(seed=seed) for seed in seeds[first:end])
            if request.HasField("options"):
                own.options.CopyFrom(request.options)
            own.mask.extend(mask[first:end])
            return pb.InteractRequest(reset=own)

        for part in self._parts:
            for is_named, state in zip(mask[part.first :], part.states, strict=False):
                if is_named:
                    state.find()
        own = request_of(0, self._own.count).reset
        replies = self._ask_all("reset", request_of, sequence, lambda: self._own.reset(own, sequence))
        return merged_reset(self._observation_space, replies, sequence)

    def step(self, request: pb.StepRequest, sequence: int) -> pb.StepResponse:
        seeds = next_seeds_for(request.next_seeds, self._count, self._mode) if request.next_seeds else None
        batch = decode_value(request.action, "action")
        actions = checked_actions(self._action_space, batch, self._count, self._states, bounds=self._rejects)

        def request_of(first: int, end: int) -> pb.InteractRequest:
            action = encode_value(slice_of(self._action_space, batch, first, end))
            packed = request.next_seeds[8 * first : 8 * end]
            return pb.InteractRequest(step=pb.StepRequest(action=action, next_seeds=packed))

        def step_own() -> pb.StepResponse:
            # The others have theirs in messages by now, and this share has been looked at with them.
            end = self._own.count
            return self._own.step_checked(actions[:end], None if seeds is None else seeds[:end], sequence)

        return merged_step(self._observation_space, self._ask_all("step", request_of, sequence, step_own), sequence)

    def render(self, request: pb.RenderRequest) -> pb.RenderResponse:
        index = request.env_index
        if not self._renders or index < self._own.count:
            return self._own.render(request)
        for part in self._parts:
            if part.first <= index < part.first + part.count:
                part.ask(pb.InteractRequest(render=pb.RenderRequest(env_index=index - part.first)), 0)
                return part.answer(self.notes).render
        raise GymwireError("INVALID_ARGUMENT", f"render: no environment {index} among {self._count}")

    def call(self, request: pb.CallMethodRequest) -> Callable[[], list[value_pb2.Value]]:
        """As of an EnvGroup; what it returns only tells what has been called."""
        self.members.expect("call", request.name)
        indices = indices_for("call", request.env_indices, self._count)
        asked, own_indices = self._split(indices)
        own_call = self._prepare_call(request, asked, own_indices)
        for part, _ in asked:
            part.go(0)
        results: list[value_pb2.Value] = []
        faults: list[Exception] = []
        if own_call is not None:
            _gather(results, faults, own_call)
        for part, _ in asked:

            def called(part: Part = part) -> Sequence[value_pb2.Value]:
                reply = part.answer(self.notes).call
                if reply.HasField("fault"):
                    raise part.fault(reply.fault)
                return reply.results

            _gather(results, faults, called)

        def tell() -> list[value_pb2.Value]:
            if faults:
                raise faults[0]
            return results

        return tell

    def read(self, request: pb.ReadAttributeRequest) -> pb.ReadAttributeResponse:
        self.members.expect("read", request.name)
        indices = indices_for("read", request.env_indices, self._count)
        asked, own_indices = self._split(indices)
        for part, its_own in asked:
            part.ask(
                pb.InteractRequest(read=pb.ReadAttributeRequest(name=request.name, env_indices=its_own)),
                0,
            )
        values: list[value_pb2.Value] = []
        faults: list[Exception] = []
        if own_indices:
            own_request = pb.ReadAttributeRequest(name=request.name, env_indices=own_indices)
            _gather(values, faults, lambda: self._own.read(own_request).values)
        for part, _ in asked:
            _gather(values, faults, lambda part=part: part.answer(self.notes).read.values)  # type: ignore[misc]
        if faults:
            raise faults[0]
        return pb.ReadAttributeResponse(values=values)

    def detach(self) -> None:
        # Its own first: a part that hangs may not read what is written to it.
        self._own.detach()
        for part in self._parts:
            part.detach()

    def fail(self) -> None:
        self._own.fail()
        for part in self._parts:
            for state in part.states:
                state.lose()

    def close(self) -> None:
        for part in self._parts:
            part.close()
        try:
            self._own.close()
        finally:
            for part in self._parts:
                part.wait_for_end(self.notes)

    def _prepare_call(
        self, request: pb.CallMethodRequest, asked: Sequence[tuple[Part, list[int]]], own_indices: Sequence[int]
    ) -> Callable[[], list[value_pb2.Value]] | None:
        """
        Has each process find out whether it can call what is asked of it, before any of them does. Raises the fault of
        the lowest environment; nothing has been called then.
        """

        def request_of(indices: Sequence[int]) -> pb.CallMethodRequest:
            own = pb.CallMethodRequest()
            own.CopyFrom(request)
            own.ClearField("sequence")
            own.env_indices[:] = indices
            return own

        for part, its_own in asked:
            part.ask(pb.InteractRequest(call=request_of(its_own)), 0)
        own_call: Callable[[], list[value_pb2.Value]] | None = None
        faults: list[Exception] = []
        try:
            if own_indices:
                own_call = self._own.call(request_of(own_indices))
        except Exception as fault:  # noqa: BLE001 -- raised below, when all are through
            faults.append(fault)
        for part, _ in asked:
            try:
                part.answer(self.notes)
            except Exception as fault:  # noqa: BLE001 -- raised below, when all are through
                faults.append(fault)
        if faults:
            raise faults[0]
        return own_call

    def _ask_all(
        self,
        kind: str,
        request_of: Callable[[int, int], pb.InteractRequest],
        sequence: int,
        carry_out: Callable[[], Any],
    ) -> list[Reply]:
        """All are carried out, this process's share by `carry_out`; the fault of the lowest environment is raised."""
        for part in self._parts:
            part.ask(request_of(part.first, part.first + part.count), sequence)
        replies: list[Reply] = []
        faults: list[Exception] = []
        try:
            replies.append((0, self._own.count, carry_out()))
        except Exception as fault:  # noqa: BLE001 -- raised below, when all are through
            faults.append(fault)
        for part in self._parts:
            try:
                replies.append((part.first, part.count, getattr(part.answer(self.notes), kind)))
            except Exception as fault:  # noqa: BLE001 -- raised below, when all are through
                faults.append(fault)
        if faults:
            raise faults[0]
        return replies

    def _split(self, indices: Sequence[int]) -> tuple[list[tuple[Part, list[int]]], list[int]]:
        """The parts whose environments are named, with their own numbers; and those of this process."""
        named = [
            (part, [index - part.first for index in indices if part.first <= index < part.first + part.count])
            for part in self._parts
        ]
        return [(part, own) for part, own in named if own], [index for index in indices if index < self._own.count]

    def _check_same(self, made: pb.MakeSessionResponse, first: int) -> None:
        for name in ("observation_space", "action_space"):
            if getattr(made, name) != getattr(self._description, name):
                raise GymwireError("ENV_FAILED", f"environment {first} has another {name} than environment 0")


def _gather(
    results: list[value_pb2.Value], faults: list[Exception], ask: Callable[[], Sequence[value_pb2.Value]]
) -> None:
    try:
        results.extend(ask())
    except Exception as fault:  # noqa: BLE001 -- raised by the caller, when all are through
        faults.append(fault)
