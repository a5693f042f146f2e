"""All sessions of a server: makes them within caps, finds them by id, and reaps those that nobody uses."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import pickle
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gymwire.codec.values import decode_entries, encode_entries
from gymwire.errors import GymwireError
from gymwire.server.arguments import resolve_arguments
from gymwire.server.batch_registration import VectorEnvRegistration, check_request
from gymwire.server.env_process import EnvProcess
from gymwire.server.options import ServerOptions
from gymwire.server.quiet_log import Once, quiet_log
from gymwire.server.registry import EnvRegistry, ServedEnv
from gymwire.server.session import Session, limits_for
from gymwire.session.read_reply import ReplyRules
from gymwire.session.render_mode import RGB_ARRAY
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import operator_pb2

#: How many dead sessions are remembered with what killed them.
_OBITUARIES = 256
#: What a call under way still gets when an operator ends its session.
_LONGEST_END_S = 1.0


@dataclass(frozen=True)
class Origin:
    """Who made a session: an address as the server sees it, and what the client says it is."""

    peer: str = ""
    client: str = ""


@dataclass
class _Entry:
    session: Session
    origin: Origin
    #: Ends the stream that holds the session, because another one has taken it over.
    replace: Callable[[GymwireError], None] | None = None
    timer: asyncio.TimerHandle | None = None
    #: Unary calls that use it.
    calls: int = 0
    #: It is there until that is done, for its operator to see, and to end at once; no request finds it any more.
    closing: asyncio.Task[None] | None = None


@dataclass(frozen=True)
class Attachment:
    session: Session
    detach: Callable[[], None]


@dataclass
class SessionStore:
    registry: EnvRegistry
    options: ServerOptions
    _entries: dict[str, _Entry] = field(default_factory=dict)
    #: Places taken by sessions, also by those whose simulators are still being made.
    _sessions: int = 0
    _envs: int = 0
    _draining: bool = False
    _freed: asyncio.Event = field(default_factory=asyncio.Event)
    _obituaries: OrderedDict[str, GymwireError] = field(default_factory=OrderedDict)
    _once: Once = field(default_factory=Once)
    _background: set[asyncio.Task[None]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._entries)

    async def make(self, request: pb.MakeSessionRequest, origin: Origin = Origin()) -> Session:
        """Raises GymwireError UNKNOWN_ENV, UNKNOWN_ARGUMENT, INVALID_ARGUMENT, UNSUPPORTED, CAPACITY, ENV_FAILED."""
        if self._draining:
            raise GymwireError("SHUTTING_DOWN", "the server is shutting down and takes no sessions")
        given = decode_entries(request.arguments, "arguments")
        autoreset_mode, out_of_bounds_rule = _modes_of(request)
        env = self.registry.find(request.env_id)
        if env.batch is not None and isinstance(env.registration, VectorEnvRegistration):
            check_request(env.id, env.registration, env.batch, request)
            # Its own, where none is asked for.
            autoreset_mode = request.autoreset_mode
        copies = self._copies_for(request)
        _check_render_mode(env, request.render_mode)
        plan = pb.MakeSessionRequest(
            arguments=encode_entries(resolve_arguments(env.id, env.arguments, given)),
            num_envs=request.num_envs if request.HasField("num_envs") else None,
            autoreset_mode=autoreset_mode,
            render_mode=request.render_mode,
            max_episode_steps=_limit_of(env, request),
            out_of_bounds_rule=out_of_bounds_rule,
            accepts_packed_infos=request.accepts_packed_infos,
        )
        self._take(copies)
        try:
            process, made = await self._start(env, plan)
        except BaseException:
            self._free(copies)
            raise
        env = self.registry.learn(env, made.spec)
        spec = env.encode_spec(given)
        if env.batch is not None:
            spec.batch.CopyFrom(made.spec.batch)
            plan.autoreset_mode = made.autoreset_mode
            if made.spec.HasField("max_episode_steps"):
                plan.max_episode_steps = made.spec.max_episode_steps
        spec.ClearField("max_episode_steps")
        if plan.HasField("max_episode_steps"):
            spec.max_episode_steps = plan.max_episode_steps
        if spec.render_modes and made.spec.HasField("render_fps"):
            spec.render_fps = made.spec.render_fps
        return self._enter(env, self._describe(plan, made, spec), process, origin)

    @contextlib.contextmanager
    def using(self, session_id: str) -> Iterator[Session]:
        """
        A call that uses the session, which is not idle before the call has ended.

        Raises GymwireError SESSION_GONE.
        """
        entry = self._entry(session_id)
        entry.calls += 1
        self._watch(entry)
        try:
            yield entry.session
        finally:
            entry.calls -= 1
            self._watch(entry)

    def attach(self, session_id: str, replace: Callable[[GymwireError], None], *, take_over: bool) -> Attachment:
        """
        A stream takes the session: it is not reaped while the stream lives, however long the client thinks.

        Raises GymwireError SESSION_GONE, and SESSION_BUSY when another stream holds it and is not to be replaced.

        :param replace: ends this stream, should another one take the session over, and says why
        """
        entry = self._entry(session_id)
        before = entry.replace
        if before is not None and not take_over:
            raise GymwireError("SESSION_BUSY", "another stream is attached to this session")
        entry.replace = replace
        if before is not None:
            before(GymwireError("SESSION_BUSY", "another stream has taken this session over"))
        self._watch(entry)

        def detach() -> None:
            if entry.replace is not replace:
                return
            entry.replace = None
            entry.session.process.detach()
            self._watch(entry)

        return Attachment(entry.session, detach)

    def summaries(self) -> list[operator_pb2.SessionSummary]:
        """As an operator sees them, those made first before the others."""
        return [_summary_of(entry) for entry in self._entries.values()]

    async def end(self, handle: str, reason: GymwireError) -> operator_pb2.SessionSummary:
        """
        Ends a session, also while a call of it is under way, and tells its client why.

        Raises GymwireError SESSION_GONE when no session has this handle.
        """
        entry = next((entry for entry in self._entries.values() if handle_of(entry.session.id) == handle), None)
        if entry is None:
            raise GymwireError("SESSION_GONE", f"no session has the handle {handle!r}")
        summary = _summary_of(entry)
        self._remember(entry.session.id, reason)
        if entry.replace is not None:
            entry.replace(reason)
        # A robot is told before its process ends.
        entry.session.process.detach()
        await self.close(entry.session.id, _LONGEST_END_S, reason)
        return summary

    async def close(self, session_id: str, patience_s: float | None = None, reason: GymwireError | None = None) -> None:
        """Closing a session that is gone is not an error. The rest as for `Session.close`."""
        entry = self._entries.get(session_id)
        if entry is None:
            return
        if entry.closing is None:
            entry.closing = asyncio.ensure_future(self._finish(entry, patience_s, reason))
            entry.closing.add_done_callback(_hear)
            self._watch(entry)
        elif patience_s is not None:
            await entry.session.close(patience_s)
        # Whoever asked for it may leave; the session closes all the same.
        await asyncio.shield(entry.closing)

    async def _finish(self, entry: _Entry, patience_s: float | None, reason: GymwireError | None) -> None:
        try:
            await entry.session.close(patience_s, reason)
        finally:
            del self._entries[entry.session.id]
            self._free(entry.session.count)

    def drain(self) -> None:
        """No new sessions from now on."""
        self._draining = True

    async def wait_until_empty(self) -> None:
        """Until no session is open or about to be."""
        while self._sessions > 0:
            self._freed.clear()
            await self._freed.wait()

    async def close_all(self, patience_s: float) -> None:
        """A simulator that hangs does not keep the server from ending."""
        closing = [self.close(session_id, patience_s) for session_id in list(self._entries)]
        outcomes = await asyncio.gather(*closing, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                quiet_log.fault("a session failed to close", outcome)
        # Those that had ended by themselves, and whose helpers may not have.
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _start(self, env: ServedEnv, plan: pb.MakeSessionRequest) -> tuple[EnvProcess, pb.MakeSessionResponse]:
        try:
            factory = pickle.dumps((self.registry.own_ids, env.factory))
            process, made = await EnvProcess.start(
                env.id, factory, plan, self._rules_for(env), self._once, self.options.make_timeout_ms
            )
        except GymwireError as error:
            raise GymwireError(error.code, f"{env.id} could not be made: {error.message}", error.details) from error
        if self._draining:
            await process.close()
            raise GymwireError("SHUTTING_DOWN", "the server began to shut down while the session was made")
        return process, made

    def _rules_for(self, env: ServedEnv) -> ReplyRules:
        own = env.registration.cast_observations
        casts = self.options.cast_observations if own is None else own
        workers = env.registration.workers or self.options.workers
        return ReplyRules(self.options.strict_info, casts, self.options.max_message_bytes, workers)

    def _describe(
        self, plan: pb.MakeSessionRequest, made: pb.MakeSessionResponse, spec: pb.EnvSpec
    ) -> pb.MakeSessionResponse:
        return pb.MakeSessionResponse(
            session_id=secrets.token_urlsafe(18),
            observation_space=made.observation_space,
            action_space=made.action_space,
            spec=spec,
            num_envs=plan.num_envs if plan.HasField("num_envs") else None,
            autoreset_mode=plan.autoreset_mode,
            out_of_bounds_rule=plan.out_of_bounds_rule,
            render_mode=plan.render_mode,
            idle_timeout_ms=self.options.idle_timeout_ms,
        )

    def _enter(
        self, env: ServedEnv, description: pb.MakeSessionResponse, process: EnvProcess, origin: Origin
    ) -> Session:
        registration = env.registration
        session = Session(
            description,
            process,
            limits_for(registration, self.options),
        )
        entry = _Entry(session, origin)
        self._entries[session.id] = entry
        process.watch(lambda: self._bury(session))
        self._watch(entry)
        quiet_log.info("session made", f"session made: {env.id}, {session.count} environments, {len(self)} sessions")
        return session

    def _bury(self, session: Session) -> None:
        """A simulator that died takes its session along; the place is free for another one."""
        cause = session.process.cause
        entry = self._entries.get(session.id)
        if entry is None or entry.closing is not None or cause is None:
            return
        # Without the end of its stderr, which the level info has.
        env_id = session.description.spec.id
        quiet_log.warning(f"lost {env_id}", f"session lost: {env_id}: {cause.message.splitlines()[0]}")
        ended = GymwireError("SESSION_GONE", f"the session ended with its simulator: {cause.message}")
        self._remember(session.id, ended)
        self._close_later(session.id)

    def _remember(self, session_id: str, end: GymwireError) -> None:
        self._obituaries[session_id] = end
        while len(self._obituaries) > _OBITUARIES:
            self._obituaries.popitem(last=False)

    def _close_later(self, session_id: str) -> None:
        async def close() -> None:
            try:
                await self.close(session_id)
            except Exception as thrown:  # noqa: BLE001 -- of a simulator that ends
                quiet_log.fault("a session failed to close", thrown)

        task = asyncio.ensure_future(close())
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _entry(self, session_id: str) -> _Entry:
        entry = self._entries.get(session_id)
        if entry is not None and entry.closing is None:
            return entry
        end = self._obituaries.get(session_id)
        if end is not None:
            raise GymwireError(end.code, end.message, end.details)
        raise GymwireError("SESSION_GONE", "no such session: it was never made here, closed, or idle for too long")

    def _watch(self, entry: _Entry) -> None:
        if entry.timer is not None:
            entry.timer.cancel()
            entry.timer = None
        if entry.replace is not None or entry.closing is not None or entry.calls > 0:
            return

        def reap() -> None:
            if entry.session.is_busy:
                # Of a caller that has gone.
                self._watch(entry)
                return
            quiet_log.info("idle", f"idle session reaped: {entry.session.description.spec.id}")
            self._close_later(entry.session.id)

        entry.timer = asyncio.get_running_loop().call_later(self.options.idle_timeout_ms / 1000, reap)

    def _copies_for(self, request: pb.MakeSessionRequest) -> int:
        if not request.HasField("num_envs"):
            return 1
        if 1 <= request.num_envs <= self.options.max_num_envs:
            return request.num_envs
        raise GymwireError(
            "INVALID_ARGUMENT", f"num_envs: expected 1 to {self.options.max_num_envs}, got {request.num_envs}"
        )

    @property
    def free_envs(self) -> int:
        """How many environments more could be made now."""
        limits = self.options
        if self._draining or self._sessions >= limits.max_sessions:
            return 0
        return limits.max_total_envs - self._envs

    def _take(self, copies: int) -> None:
        limits = self.options
        if self._sessions >= limits.max_sessions:
            raise GymwireError("CAPACITY", f"all {limits.max_sessions} sessions of this server are taken")
        if self._envs + copies > limits.max_total_envs:
            raise GymwireError(
                "CAPACITY",
                f"{self._envs} of {limits.max_total_envs} environments are taken; {copies} more do not fit",
            )
        self._sessions += 1
        self._envs += copies

    def _free(self, copies: int) -> None:
        self._sessions -= 1
        self._envs -= copies
        self._freed.set()


def _hear(task: asyncio.Future[None]) -> None:
    """So that asyncio does not complain of an error that nobody was left to hear."""
    if not task.cancelled():
        task.exception()


def handle_of(session_id: str) -> str:
    """Names a session to an operator, who cannot use it with that."""
    return hashlib.sha256(session_id.encode()).hexdigest()[:12]


def _summary_of(entry: _Entry) -> operator_pb2.SessionSummary:
    session = entry.session
    age_ms, idle_ms, busy_ms = session.times_ms
    return operator_pb2.SessionSummary(
        handle=handle_of(session.id),
        env_id=session.description.spec.id,
        num_envs=session.description.num_envs if session.description.HasField("num_envs") else None,
        peer=entry.origin.peer,
        client=entry.origin.client,
        age_ms=age_ms,
        idle_ms=idle_ms,
        busy_ms=busy_ms,
        attached=entry.replace is not None,
        calls=session.calls,
    )


def _modes_of(request: pb.MakeSessionRequest) -> tuple[pb.AutoresetMode, pb.OutOfBoundsRule]:
    if request.autoreset_mode not in pb.AutoresetMode.values():
        raise GymwireError(
            "INVALID_ARGUMENT",
            f"autoreset_mode: expected disabled, next-step, same-step, got {request.autoreset_mode}",
        )
    if request.out_of_bounds_rule not in pb.OutOfBoundsRule.values():
        raise GymwireError(
            "INVALID_ARGUMENT", f"out_of_bounds_rule: expected pass, reject, got {request.out_of_bounds_rule}"
        )
    mode, rule = request.autoreset_mode, request.out_of_bounds_rule
    if not request.HasField("num_envs"):
        # A single session never resets by itself.
        mode = pb.AUTORESET_MODE_DISABLED
    elif mode == pb.AUTORESET_MODE_UNSPECIFIED:
        mode = pb.AUTORESET_MODE_NEXT_STEP
    return mode, rule if rule != pb.OUT_OF_BOUNDS_RULE_UNSPECIFIED else pb.OUT_OF_BOUNDS_RULE_PASS


def _limit_of(env: ServedEnv, request: pb.MakeSessionRequest) -> int | None:
    if request.HasField("max_episode_steps"):
        return request.max_episode_steps or None
    return env.registration.max_episode_steps


def _check_render_mode(env: ServedEnv, render_mode: str) -> None:
    # An environment that has not told yet is asked when it is made.
    modes = (RGB_ARRAY,) if env.render_modes is None else env.render_modes
    if render_mode and render_mode not in modes:
        known = ", ".join(modes) or "none"
        raise GymwireError("UNSUPPORTED", f"{env.id} has no render mode {render_mode}; it has: {known}")
