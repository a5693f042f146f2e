"""A session whose environments are one simulator, stepped with one call. What `EnvGroup` is for single environments."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from gymnasium import spaces

from gymwire.codec.packed_infos import encode_infos
from gymwire.codec.spaces import Space
from gymwire.codec.values import decode_entries, decode_value, encode_tensor, encode_value
from gymwire.errors import GymwireError
from gymwire.session.batch_facts import BatchFacts, facts_of
from gymwire.session.batch_info_columns import packed
from gymwire.session.batch_infos import final_infos, final_observations, spread, without_finals
from gymwire.session.batch_members import dtype_of, find_batch_mismatch, merged, rows_of
from gymwire.session.batch_reader import BatchReader
from gymwire.session.batch_recipe import MODES, BatchRecipe
from gymwire.session.env_slot import guarded
from gymwire.session.group_parts import described_space, detach_of, encode_given, holds_texts
from gymwire.session.host_arrays import on_host
from gymwire.session.listed_members import member_of
from gymwire.session.notes import Note, Notes
from gymwire.session.read_reply import ReplyReader, ReplyRules
from gymwire.session.render_mode import attribute_of, check_render_mode
from gymwire.session.request_parts import indices_for, mask_for, seeds_for
from gymwire.session.step_checks import MISMATCH_CODES
from gymwire.v1 import env_service_pb2 as pb
from gymwire.v1 import value_pb2


class BatchGroup:
    """One simulator: what it fails with, it has failed with for all environments, and all must be reset."""

    def __init__(
        self,
        recipe: BatchRecipe,
        request: pb.MakeSessionRequest,
        rules: ReplyRules,
        notes: Notes,
    ) -> None:
        """
        Makes it. The request's limit is resolved; without a mode, it is the simulator's own.

        Raises GymwireError ENV_FAILED, INVALID_ARGUMENT; and what the factory raises.
        """
        self._recipe = recipe
        self._request = request
        self.notes = notes
        self._env, self._facts = self._made(None)
        facts = self._facts
        self._count = facts.num_envs
        self._space = facts.observation_space
        self.acts_in_words = holds_texts(facts.action_space)
        self._reader = BatchReader(self._space, self._count, rules, notes)
        self._infos = ReplyReader(self._space, rules, notes)
        self._rejects = request.out_of_bounds_rule == pb.OUT_OF_BOUNDS_RULE_REJECT
        self._renders = request.render_mode != ""
        self._packs = request.accepts_packed_infos
        #: new, running or failed
        self._phase = "new"
        #: It was made with seeds.
        self._is_sown = False
        self._ended = np.zeros(self._count, np.bool_)
        #: As it was sent: a mask may leave some of it as it was, and the simulator writes into its own array again.
        self._last = value_pb2.Value()
        #: Those of the present state: a client asks for one after the other.
        self._frames: Any = None

    @property
    def first(self) -> Any:
        return self._env

    def describe(self) -> pb.MakeSessionResponse:
        """Raises GymwireError ENV_FAILED where the spaces are none."""
        facts = self._facts
        metadata = attribute_of(self._env, "metadata")
        fps = metadata.get("render_fps") if isinstance(metadata, Mapping) else None
        return pb.MakeSessionResponse(
            observation_space=described_space("single_observation_space", facts.observation_space),
            action_space=described_space("single_action_space", facts.action_space),
            spec=pb.EnvSpec(
                render_fps=None if fps is None else float(fps),
                max_episode_steps=facts.max_episode_steps,
                batch=facts.encode(),
            ),
            num_envs=facts.num_envs,
            autoreset_mode=MODES[facts.mode],
        )

    def reset(self, request: pb.ResetRequest, sequence: int) -> pb.ResetResponse:
        seeds = seeds_for(request, self._count)
        is_new = self._phase != "running"
        mask = np.array(mask_for(request, [is_new] * self._count))
        self._check_reset(seeds, mask)
        options = decode_entries(request.options.entries, "options") if request.HasField("options") else None
        is_partial = not mask.all()
        if is_partial:
            options = {**(options or {}), "reset_mask": mask.copy()}
        seed = _seed_argument(seeds)
        self._phase = "failed"
        self._frames = None
        if self._facts.seeding == "make" and (seed is not None or not self._is_sown):
            # Those that are made without one begin with the same number each time.
            self._make_anew(_entropy() if seed is None else seed)
            seed = None
        reply = guarded("reset", lambda: self._env.reset(seed=seed, options=options))
        observation, infos = guarded("reset", lambda: self._reader.read_reset(reply))
        if is_partial:
            observation = merged(self._space, observation, decode_value(self._last, "observation"), mask)
        response = pb.ResetResponse(sequence=sequence, observation=encode_value(observation))
        self._add_infos(response.infos, response.packed_infos, infos, np.flatnonzero(mask).tolist(), "reset")
        self._last = response.observation
        self._ended[mask] = False
        self._phase = "running"
        return response

    def step(self, request: pb.StepRequest, sequence: int) -> pb.StepResponse:
        if request.next_seeds:
            raise GymwireError(
                "UNSUPPORTED", "step: next_seeds: steps of a batch simulator take no seeds: seed its resets"
            )
        self._check_order()
        actions = self._checked_actions(decode_value(request.action, "action"))
        self._phase = "failed"
        self._frames = None
        reply = guarded("step", lambda: self._env.step(actions))
        observation, rewards, terminated, truncated, infos = guarded("step", lambda: self._reader.read_step(reply))
        ended = terminated | truncated
        if self._facts.mode == "next-step":
            rewards = self._checked_resets(rewards, ended)
        response = pb.StepResponse(
            sequence=sequence,
            observation=encode_value(observation),
            rewards=rewards.tobytes(),
            terminated=terminated.tobytes(),
            truncated=truncated.tobytes(),
        )
        if self._facts.mode == "same-step":
            if ended.any() and self._facts.final_observations:
                self._add_finals(response, infos, ended)
            infos = without_finals(infos)
        self._add_infos(response.infos, response.packed_infos, infos, range(self._count), "step")
        self._last = response.observation
        self._ended = ended if self._facts.mode != "same-step" else np.zeros_like(ended)
        self._phase = "running"
        return response

    def render(self, request: pb.RenderRequest) -> pb.RenderResponse:
        if not self._renders:
            raise GymwireError("UNSUPPORTED", "render: the session was made without a render mode")
        if request.env_index >= self._count:
            raise GymwireError("INVALID_ARGUMENT", f"render: no environment {request.env_index} among {self._count}")
        if self._phase == "new":
            raise GymwireError("NOT_RESET", "render: the environments have not been reset yet")
        if self._frames is None:
            self._frames = on_host(guarded("render", self._env.render))
        frames = self._frames
        has_all = isinstance(frames, (tuple, list, np.ndarray)) and len(frames) == self._count
        frame = on_host(frames[request.env_index]) if has_all else None
        if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise GymwireError(
                "ENV_FAILED", f"render: the simulator must return {self._count} pictures, uint8 [height, width, 3]"
            )
        return pb.RenderResponse(frame=encode_tensor(frame))

    def call(self, request: pb.CallMethodRequest) -> Callable[[], list[value_pb2.Value]]:
        """As of an EnvGroup; the method is called once, for all environments."""
        name, where = request.name, f"call {request.name}"
        self._recipe.members.expect("call", name)
        if len(indices_for("call", request.env_indices, self._count)) < self._count:
            raise GymwireError(
                "UNSUPPORTED", f"{where}: methods of a batch simulator are called for all of its environments at once"
            )
        values = [decode_value(one, f"arguments[{i}]", 1) for i, one in enumerate(request.arguments.values)]
        keywords = decode_entries(request.keyword_arguments.entries, "keyword_arguments", 1)
        method = guarded(where, lambda: self._method(name))
        if not callable(method):
            raise GymwireError("UNSUPPORTED", f"{where}: it is listed, and is no method of the simulator")
        return lambda: self._one_each(where, guarded(where, lambda: method(*values, **keywords)))

    def read(self, request: pb.ReadAttributeRequest) -> pb.ReadAttributeResponse:
        name, where = request.name, f"read {request.name}"
        self._recipe.members.expect("read", name)
        indices = indices_for("read", request.env_indices, self._count)
        values = self._one_each(where, guarded(where, lambda: self._attribute(name)))
        return pb.ReadAttributeResponse(values=[values[index] for index in indices])

    @property
    def listens_for_detach(self) -> bool:
        """Whether it has a method `detach`: one that moves by itself."""
        return detach_of(self._env) is not None

    def detach(self) -> None:
        """As of an EnvGroup."""
        call = detach_of(self._env)
        if call is None:
            return
        try:
            guarded("detach", call)
        except GymwireError as error:
            traceback.print_exc()
            self.notes.add_quote("detach", error.message, "an environment failed in detach")

    def fail(self) -> None:
        """What it returned cannot be told: only a reset helps."""
        self._phase = "failed"

    def close(self) -> None:
        guarded("close", lambda: _close(self._env))

    def _made(self, seeds: int | list[int | None] | None) -> tuple[Any, BatchFacts]:
        env = self._recipe.make_env(self._request, seeds)
        try:
            if self._request.render_mode:
                check_render_mode(env, self._request.render_mode)
            return env, facts_of(env, self._recipe, self._request)
        except BaseException:
            _close(env)
            raise

    def _make_anew(self, seeds: int | list[int | None]) -> None:
        """With other seeds. The one before is closed first: two may not fit on one device."""
        self.close()
        env, facts = guarded("reset", lambda: self._made(seeds))
        self._env, self._is_sown = env, True
        if facts != self._facts:
            raise GymwireError("ENV_FAILED", "reset: made anew with other seeds, the simulator is another one")

    def _check_reset(self, seeds: Sequence[int | None], mask: np.ndarray[Any, Any]) -> None:
        """Raises GymwireError UNSUPPORTED, and nothing has moved."""
        facts, is_partial = self._facts, not mask.all()
        if is_partial and not facts.masks:
            raise GymwireError(
                "UNSUPPORTED", "reset: this simulator resets all its environments at once, and takes no mask"
            )
        given = [seed for seed in seeds if seed is not None]
        if not given:
            return
        if facts.seeding == "none":
            raise GymwireError("UNSUPPORTED", "reset: this simulator takes no seeds")
        if facts.seeding == "make" and (is_partial or len(given) < self._count):
            raise GymwireError(
                "UNSUPPORTED",
                "reset: this simulator is made anew with its seeds, so give one for each environment, no mask",
            )

    def _check_order(self) -> None:
        if self._phase == "new":
            raise GymwireError("NOT_RESET", "step: the environments have not been reset yet")
        if self._phase == "failed":
            raise GymwireError("NOT_RESET", "step: the simulator failed; reset all of its environments first")
        if self._facts.mode == "disabled" and self._ended.any():
            index = int(np.flatnonzero(self._ended)[0])
            raise GymwireError("NOT_RESET", f"step: environment {index} has ended its episode; reset it first")

    def _checked_actions(self, action: Any) -> Any:
        """As the simulator takes them; nothing has moved where this raises."""
        space = self._facts.action_space
        batch = _as_batch(space, action)
        ignored = self._ended
        indices: Sequence[int] = range(self._count)
        wrong = find_batch_mismatch(space, batch, "action", indices, bounds=self._rejects)
        if wrong is not None and wrong.kind != "structure" and ignored.any():
            # Some of them only reset now: what their actions are is nobody's concern, so the simulator gets others.
            checked, indices = rows_of(space, batch, ~ignored), np.flatnonzero(~ignored).tolist()
            wrong = find_batch_mismatch(space, checked, "action", indices, bounds=self._rejects)
            batch = merged(space, _zeros(space, batch), batch, ignored)
        if wrong is None:
            return batch
        raise GymwireError(MISMATCH_CODES[wrong.kind], f"step: {wrong.message}", wrong.details)

    def _checked_resets(self, rewards: np.ndarray[Any, Any], ended: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Of the environments whose step was their reset: neither flag, and no reward."""
        resets = self._ended
        if not resets.any():
            return rewards
        if (resets & ended).any():
            index = int(np.flatnonzero(resets & ended)[0])
            raise GymwireError(
                "ENV_FAILED",
                f"step of environment {index}: it ended again in the step after its end, which is its reset in "
                f"next-step; if "
                "the simulator resets at another time, say when (--autoreset-mode)",
            )
        if np.any(rewards[resets]):
            self.notes.add(
                Note("rewards of resets", "rewards of steps that only reset an environment are passed on as 0")
            )
            rewards = np.where(resets, 0.0, rewards)
        return rewards

    def _add_finals(self, response: pb.StepResponse, infos: Mapping[Any, Any], ended: np.ndarray[Any, Any]) -> None:
        indices = np.flatnonzero(ended).tolist()
        rows = guarded("step", lambda: final_observations(self._space, infos, indices, self._count))
        if rows is None:
            raise GymwireError(
                "ENV_FAILED",
                f"step: episodes of environments {indices} ended, and infos have no final_obs for each of them; a "
                f"simulator "
                "that does not tell them is served with final_observations=False (--no-final-observations)",
            )
        rows = guarded("step", lambda: self._reader.observations(rows, "step", indices))
        response.final_env_indices.extend(indices)
        response.final_observation.CopyFrom(encode_value(rows))
        own = guarded("step", lambda: final_infos(infos, self._count))
        self._add_infos(response.final_infos, response.packed_final_infos, own, indices, "step")

    def _add_infos(self, loose: Any, columns: Any, infos: Any, indices: Sequence[int], what: str) -> None:
        """
        To a reply's two fields for them. Arrays go as columns to a client that reads these.

        :param infos: of the batch, or one dictionary an environment
        """
        if not infos:
            return
        is_batch = isinstance(infos, Mapping)
        if self._packs and is_batch:
            found = guarded(what, lambda: packed(infos, indices, self._count))
            if found is not None:
                columns.extend(found)
                return
        rows = guarded(what, lambda: spread(infos, indices, self._count)) if is_batch else [infos[i] for i in indices]
        read = ((index, self._info(row, index, what)) for index, row in zip(indices, rows, strict=True))
        singles, groups = encode_infos(read, self._count, packs=self._packs)
        loose.extend(singles)
        columns.extend(groups)

    def _info(self, row: Any, index: int, what: str) -> Any:
        return guarded(what, lambda: self._infos.info(row, f"{what} of environment {index}"))

    def _method(self, name: str) -> Any:
        if _has(self._env, name):
            return member_of(self._env, name)
        spread_call = attribute_of(self._env, "call")
        if spread_call is None:
            return member_of(self._env, name)
        return lambda *values, **keywords: spread_call(name, *values, **keywords)

    def _attribute(self, name: str) -> Any:
        spread_get = attribute_of(self._env, "get_attr")
        return member_of(self._env, name) if spread_get is None or _has(self._env, name) else spread_get(name)

    def _one_each(self, where: str, given: Any) -> list[value_pb2.Value]:
        """What has one entry an environment is told apart; anything else is each one's."""
        own = on_host(given)
        has_rows = isinstance(own, (tuple, list)) or (isinstance(own, np.ndarray) and own.ndim > 0)
        if has_rows and len(own) == self._count:
            return [encode_given(where, own[index]) for index in range(self._count)]
        return [encode_given(where, given)] * self._count


def _close(env: Any) -> None:
    close = attribute_of(env, "close")
    if close is not None:
        close()


def _has(env: Any, name: str) -> bool:
    """Of itself; Gymnasium's vector environments hand names on to those that they are made of."""
    return attribute_of(env, name) is not None


def _seed_argument(seeds: Sequence[int | None]) -> Any:
    """As Gymnasium has it: a number means that environment i gets it + i."""
    if all(seed is None for seed in seeds):
        return None
    is_row = all(one is not None and after is not None and after == one + 1 for one, after in pairwise(seeds))
    return seeds[0] if is_row else list(seeds)


def _entropy() -> int:
    """Below 2^31: most factories take no more."""
    return int(np.random.SeedSequence().generate_state(1)[0]) >> 1


def _as_batch(space: Space, action: Any) -> Any:
    """In the order of the space, where it has the structure; integers of the dtype that the space has for a batch."""
    if isinstance(space, spaces.Dict) and isinstance(action, Mapping) and action.keys() == space.spaces.keys():
        return {key: _as_batch(inner, action[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple) and isinstance(action, tuple) and len(action) == len(space.spaces):
        return tuple(_as_batch(inner, part) for inner, part in zip(space.spaces, action, strict=True))
    is_integer = isinstance(action, np.ndarray) and action.dtype.kind in "iub"
    if is_integer and isinstance(space, (spaces.Discrete, spaces.MultiBinary)):
        return action.astype(dtype_of(space), copy=False)
    return action


def _zeros(space: Space, batch: Any) -> Any:
    """Members, or nearly: what nobody looks at."""
    if isinstance(space, spaces.Dict):
        return {key: _zeros(inner, batch[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(_zeros(inner, part) for inner, part in zip(space.spaces, batch, strict=True))
    return batch if isinstance(space, spaces.Text) else np.zeros_like(batch)
