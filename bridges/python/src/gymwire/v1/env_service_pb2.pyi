from gymwire.v1 import error_pb2 as _error_pb2
from gymwire.v1 import space_pb2 as _space_pb2
from gymwire.v1 import value_pb2 as _value_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BatchSeeding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BATCH_SEEDING_UNSPECIFIED: _ClassVar[BatchSeeding]
    BATCH_SEEDING_RESET: _ClassVar[BatchSeeding]
    BATCH_SEEDING_MAKE: _ClassVar[BatchSeeding]
    BATCH_SEEDING_NONE: _ClassVar[BatchSeeding]

class ArgumentType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ARGUMENT_TYPE_UNSPECIFIED: _ClassVar[ArgumentType]
    ARGUMENT_TYPE_BOOL: _ClassVar[ArgumentType]
    ARGUMENT_TYPE_INT: _ClassVar[ArgumentType]
    ARGUMENT_TYPE_FLOAT: _ClassVar[ArgumentType]
    ARGUMENT_TYPE_STRING: _ClassVar[ArgumentType]
    ARGUMENT_TYPE_FLOAT_LIST: _ClassVar[ArgumentType]

class AutoresetMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTORESET_MODE_UNSPECIFIED: _ClassVar[AutoresetMode]
    AUTORESET_MODE_DISABLED: _ClassVar[AutoresetMode]
    AUTORESET_MODE_NEXT_STEP: _ClassVar[AutoresetMode]
    AUTORESET_MODE_SAME_STEP: _ClassVar[AutoresetMode]

class OutOfBoundsRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUT_OF_BOUNDS_RULE_UNSPECIFIED: _ClassVar[OutOfBoundsRule]
    OUT_OF_BOUNDS_RULE_PASS: _ClassVar[OutOfBoundsRule]
    OUT_OF_BOUNDS_RULE_REJECT: _ClassVar[OutOfBoundsRule]
BATCH_SEEDING_UNSPECIFIED: BatchSeeding
BATCH_SEEDING_RESET: BatchSeeding
BATCH_SEEDING_MAKE: BatchSeeding
BATCH_SEEDING_NONE: BatchSeeding
ARGUMENT_TYPE_UNSPECIFIED: ArgumentType
ARGUMENT_TYPE_BOOL: ArgumentType
ARGUMENT_TYPE_INT: ArgumentType
ARGUMENT_TYPE_FLOAT: ArgumentType
ARGUMENT_TYPE_STRING: ArgumentType
ARGUMENT_TYPE_FLOAT_LIST: ArgumentType
AUTORESET_MODE_UNSPECIFIED: AutoresetMode
AUTORESET_MODE_DISABLED: AutoresetMode
AUTORESET_MODE_NEXT_STEP: AutoresetMode
AUTORESET_MODE_SAME_STEP: AutoresetMode
OUT_OF_BOUNDS_RULE_UNSPECIFIED: OutOfBoundsRule
OUT_OF_BOUNDS_RULE_PASS: OutOfBoundsRule
OUT_OF_BOUNDS_RULE_REJECT: OutOfBoundsRule

class ProtocolVersion(_message.Message):
    __slots__ = ("major", "minor")
    MAJOR_FIELD_NUMBER: _ClassVar[int]
    MINOR_FIELD_NUMBER: _ClassVar[int]
    major: int
    minor: int
    def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ...) -> None: ...

class HandshakeRequest(_message.Message):
    __slots__ = ("protocol_version", "client")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CLIENT_FIELD_NUMBER: _ClassVar[int]
    protocol_version: ProtocolVersion
    client: str
    def __init__(self, protocol_version: _Optional[_Union[ProtocolVersion, _Mapping]] = ..., client: _Optional[str] = ...) -> None: ...

class HandshakeResponse(_message.Message):
    __slots__ = ("protocol_version", "server", "capabilities", "max_message_bytes", "max_num_envs", "capacity", "free_envs")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_NUM_ENVS_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    FREE_ENVS_FIELD_NUMBER: _ClassVar[int]
    protocol_version: ProtocolVersion
    server: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    max_message_bytes: int
    max_num_envs: int
    capacity: int
    free_envs: int
    def __init__(self, protocol_version: _Optional[_Union[ProtocolVersion, _Mapping]] = ..., server: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., max_message_bytes: _Optional[int] = ..., max_num_envs: _Optional[int] = ..., capacity: _Optional[int] = ..., free_envs: _Optional[int] = ...) -> None: ...

class ListEnvsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListEnvsResponse(_message.Message):
    __slots__ = ("envs",)
    ENVS_FIELD_NUMBER: _ClassVar[int]
    envs: _containers.RepeatedCompositeFieldContainer[EnvSpec]
    def __init__(self, envs: _Optional[_Iterable[_Union[EnvSpec, _Mapping]]] = ...) -> None: ...

class EnvSpec(_message.Message):
    __slots__ = ("id", "arguments", "max_episode_steps", "reward_threshold", "nondeterministic", "render_modes", "render_fps", "description", "methods", "attributes", "batch")
    ID_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    MAX_EPISODE_STEPS_FIELD_NUMBER: _ClassVar[int]
    REWARD_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    NONDETERMINISTIC_FIELD_NUMBER: _ClassVar[int]
    RENDER_MODES_FIELD_NUMBER: _ClassVar[int]
    RENDER_FPS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    METHODS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    id: str
    arguments: _containers.RepeatedCompositeFieldContainer[ArgumentSpec]
    max_episode_steps: int
    reward_threshold: float
    nondeterministic: bool
    render_modes: _containers.RepeatedScalarFieldContainer[str]
    render_fps: float
    description: str
    methods: _containers.RepeatedScalarFieldContainer[str]
    attributes: _containers.RepeatedScalarFieldContainer[str]
    batch: BatchSpec
    def __init__(self, id: _Optional[str] = ..., arguments: _Optional[_Iterable[_Union[ArgumentSpec, _Mapping]]] = ..., max_episode_steps: _Optional[int] = ..., reward_threshold: _Optional[float] = ..., nondeterministic: _Optional[bool] = ..., render_modes: _Optional[_Iterable[str]] = ..., render_fps: _Optional[float] = ..., description: _Optional[str] = ..., methods: _Optional[_Iterable[str]] = ..., attributes: _Optional[_Iterable[str]] = ..., batch: _Optional[_Union[BatchSpec, _Mapping]] = ...) -> None: ...

class BatchSpec(_message.Message):
    __slots__ = ("autoreset_modes", "min_num_envs", "max_num_envs", "final_observations", "seeding", "masks")
    AUTORESET_MODES_FIELD_NUMBER: _ClassVar[int]
    MIN_NUM_ENVS_FIELD_NUMBER: _ClassVar[int]
    MAX_NUM_ENVS_FIELD_NUMBER: _ClassVar[int]
    FINAL_OBSERVATIONS_FIELD_NUMBER: _ClassVar[int]
    SEEDING_FIELD_NUMBER: _ClassVar[int]
    MASKS_FIELD_NUMBER: _ClassVar[int]
    autoreset_modes: _containers.RepeatedScalarFieldContainer[AutoresetMode]
    min_num_envs: int
    max_num_envs: int
    final_observations: bool
    seeding: BatchSeeding
    masks: bool
    def __init__(self, autoreset_modes: _Optional[_Iterable[_Union[AutoresetMode, str]]] = ..., min_num_envs: _Optional[int] = ..., max_num_envs: _Optional[int] = ..., final_observations: _Optional[bool] = ..., seeding: _Optional[_Union[BatchSeeding, str]] = ..., masks: _Optional[bool] = ...) -> None: ...

class ArgumentSpec(_message.Message):
    __slots__ = ("name", "type", "default_value", "minimum", "maximum", "choices", "length", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: ArgumentType
    default_value: _value_pb2.Value
    minimum: float
    maximum: float
    choices: _containers.RepeatedScalarFieldContainer[str]
    length: int
    description: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[ArgumentType, str]] = ..., default_value: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., choices: _Optional[_Iterable[str]] = ..., length: _Optional[int] = ..., description: _Optional[str] = ...) -> None: ...

class MakeSessionRequest(_message.Message):
    __slots__ = ("env_id", "arguments", "num_envs", "autoreset_mode", "render_mode", "max_episode_steps", "out_of_bounds_rule", "accepts_packed_infos")
    ENV_ID_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    NUM_ENVS_FIELD_NUMBER: _ClassVar[int]
    AUTORESET_MODE_FIELD_NUMBER: _ClassVar[int]
    RENDER_MODE_FIELD_NUMBER: _ClassVar[int]
    MAX_EPISODE_STEPS_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_BOUNDS_RULE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_PACKED_INFOS_FIELD_NUMBER: _ClassVar[int]
    env_id: str
    arguments: _containers.RepeatedCompositeFieldContainer[_value_pb2.DictEntry]
    num_envs: int
    autoreset_mode: AutoresetMode
    render_mode: str
    max_episode_steps: int
    out_of_bounds_rule: OutOfBoundsRule
    accepts_packed_infos: bool
    def __init__(self, env_id: _Optional[str] = ..., arguments: _Optional[_Iterable[_Union[_value_pb2.DictEntry, _Mapping]]] = ..., num_envs: _Optional[int] = ..., autoreset_mode: _Optional[_Union[AutoresetMode, str]] = ..., render_mode: _Optional[str] = ..., max_episode_steps: _Optional[int] = ..., out_of_bounds_rule: _Optional[_Union[OutOfBoundsRule, str]] = ..., accepts_packed_infos: _Optional[bool] = ...) -> None: ...

class MakeSessionResponse(_message.Message):
    __slots__ = ("session_id", "observation_space", "action_space", "spec", "num_envs", "autoreset_mode", "out_of_bounds_rule", "render_mode", "idle_timeout_ms")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_SPACE_FIELD_NUMBER: _ClassVar[int]
    ACTION_SPACE_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    NUM_ENVS_FIELD_NUMBER: _ClassVar[int]
    AUTORESET_MODE_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_BOUNDS_RULE_FIELD_NUMBER: _ClassVar[int]
    RENDER_MODE_FIELD_NUMBER: _ClassVar[int]
    IDLE_TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    observation_space: _space_pb2.Space
    action_space: _space_pb2.Space
    spec: EnvSpec
    num_envs: int
    autoreset_mode: AutoresetMode
    out_of_bounds_rule: OutOfBoundsRule
    render_mode: str
    idle_timeout_ms: int
    def __init__(self, session_id: _Optional[str] = ..., observation_space: _Optional[_Union[_space_pb2.Space, _Mapping]] = ..., action_space: _Optional[_Union[_space_pb2.Space, _Mapping]] = ..., spec: _Optional[_Union[EnvSpec, _Mapping]] = ..., num_envs: _Optional[int] = ..., autoreset_mode: _Optional[_Union[AutoresetMode, str]] = ..., out_of_bounds_rule: _Optional[_Union[OutOfBoundsRule, str]] = ..., render_mode: _Optional[str] = ..., idle_timeout_ms: _Optional[int] = ...) -> None: ...

class SeedList(_message.Message):
    __slots__ = ("seeds",)
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    seeds: _containers.RepeatedCompositeFieldContainer[OptionalSeed]
    def __init__(self, seeds: _Optional[_Iterable[_Union[OptionalSeed, _Mapping]]] = ...) -> None: ...

class OptionalSeed(_message.Message):
    __slots__ = ("seed",)
    SEED_FIELD_NUMBER: _ClassVar[int]
    seed: int
    def __init__(self, seed: _Optional[int] = ...) -> None: ...

class ResetRequest(_message.Message):
    __slots__ = ("session_id", "sequence", "seed", "seeds", "options", "mask")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SEEDS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sequence: int
    seed: int
    seeds: SeedList
    options: _value_pb2.DictValue
    mask: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, session_id: _Optional[str] = ..., sequence: _Optional[int] = ..., seed: _Optional[int] = ..., seeds: _Optional[_Union[SeedList, _Mapping]] = ..., options: _Optional[_Union[_value_pb2.DictValue, _Mapping]] = ..., mask: _Optional[_Iterable[bool]] = ...) -> None: ...

class ResetResponse(_message.Message):
    __slots__ = ("sequence", "observation", "infos", "packed_infos")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    INFOS_FIELD_NUMBER: _ClassVar[int]
    PACKED_INFOS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    observation: _value_pb2.Value
    infos: _containers.RepeatedCompositeFieldContainer[EnvInfo]
    packed_infos: _containers.RepeatedCompositeFieldContainer[PackedInfos]
    def __init__(self, sequence: _Optional[int] = ..., observation: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., infos: _Optional[_Iterable[_Union[EnvInfo, _Mapping]]] = ..., packed_infos: _Optional[_Iterable[_Union[PackedInfos, _Mapping]]] = ...) -> None: ...

class EnvInfo(_message.Message):
    __slots__ = ("env_index", "info")
    ENV_INDEX_FIELD_NUMBER: _ClassVar[int]
    INFO_FIELD_NUMBER: _ClassVar[int]
    env_index: int
    info: _value_pb2.DictValue
    def __init__(self, env_index: _Optional[int] = ..., info: _Optional[_Union[_value_pb2.DictValue, _Mapping]] = ...) -> None: ...

class PackedInfos(_message.Message):
    __slots__ = ("env_indices", "columns")
    ENV_INDICES_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    env_indices: _containers.RepeatedScalarFieldContainer[int]
    columns: _containers.RepeatedCompositeFieldContainer[InfoColumn]
    def __init__(self, env_indices: _Optional[_Iterable[int]] = ..., columns: _Optional[_Iterable[_Union[InfoColumn, _Mapping]]] = ...) -> None: ...

class InfoColumn(_message.Message):
    __slots__ = ("key", "floats", "ints", "bools", "scalars", "arrays", "dicts", "values")
    KEY_FIELD_NUMBER: _ClassVar[int]
    FLOATS_FIELD_NUMBER: _ClassVar[int]
    INTS_FIELD_NUMBER: _ClassVar[int]
    BOOLS_FIELD_NUMBER: _ClassVar[int]
    SCALARS_FIELD_NUMBER: _ClassVar[int]
    ARRAYS_FIELD_NUMBER: _ClassVar[int]
    DICTS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    key: str
    floats: _value_pb2.Tensor
    ints: _value_pb2.Tensor
    bools: _value_pb2.Tensor
    scalars: _value_pb2.Tensor
    arrays: _value_pb2.Tensor
    dicts: InfoColumns
    values: _value_pb2.ListValue
    def __init__(self, key: _Optional[str] = ..., floats: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., ints: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., bools: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., scalars: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., arrays: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ..., dicts: _Optional[_Union[InfoColumns, _Mapping]] = ..., values: _Optional[_Union[_value_pb2.ListValue, _Mapping]] = ...) -> None: ...

class InfoColumns(_message.Message):
    __slots__ = ("columns",)
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedCompositeFieldContainer[InfoColumn]
    def __init__(self, columns: _Optional[_Iterable[_Union[InfoColumn, _Mapping]]] = ...) -> None: ...

class StepRequest(_message.Message):
    __slots__ = ("session_id", "sequence", "action", "next_seeds")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    NEXT_SEEDS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sequence: int
    action: _value_pb2.Value
    next_seeds: bytes
    def __init__(self, session_id: _Optional[str] = ..., sequence: _Optional[int] = ..., action: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., next_seeds: _Optional[bytes] = ...) -> None: ...

class StepResponse(_message.Message):
    __slots__ = ("sequence", "observation", "rewards", "terminated", "truncated", "infos", "final_env_indices", "final_observation", "final_infos", "packed_infos", "packed_final_infos")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    INFOS_FIELD_NUMBER: _ClassVar[int]
    FINAL_ENV_INDICES_FIELD_NUMBER: _ClassVar[int]
    FINAL_OBSERVATION_FIELD_NUMBER: _ClassVar[int]
    FINAL_INFOS_FIELD_NUMBER: _ClassVar[int]
    PACKED_INFOS_FIELD_NUMBER: _ClassVar[int]
    PACKED_FINAL_INFOS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    observation: _value_pb2.Value
    rewards: bytes
    terminated: bytes
    truncated: bytes
    infos: _containers.RepeatedCompositeFieldContainer[EnvInfo]
    final_env_indices: _containers.RepeatedScalarFieldContainer[int]
    final_observation: _value_pb2.Value
    final_infos: _containers.RepeatedCompositeFieldContainer[EnvInfo]
    packed_infos: _containers.RepeatedCompositeFieldContainer[PackedInfos]
    packed_final_infos: _containers.RepeatedCompositeFieldContainer[PackedInfos]
    def __init__(self, sequence: _Optional[int] = ..., observation: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., rewards: _Optional[bytes] = ..., terminated: _Optional[bytes] = ..., truncated: _Optional[bytes] = ..., infos: _Optional[_Iterable[_Union[EnvInfo, _Mapping]]] = ..., final_env_indices: _Optional[_Iterable[int]] = ..., final_observation: _Optional[_Union[_value_pb2.Value, _Mapping]] = ..., final_infos: _Optional[_Iterable[_Union[EnvInfo, _Mapping]]] = ..., packed_infos: _Optional[_Iterable[_Union[PackedInfos, _Mapping]]] = ..., packed_final_infos: _Optional[_Iterable[_Union[PackedInfos, _Mapping]]] = ...) -> None: ...

class RenderRequest(_message.Message):
    __slots__ = ("session_id", "env_index")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ENV_INDEX_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    env_index: int
    def __init__(self, session_id: _Optional[str] = ..., env_index: _Optional[int] = ...) -> None: ...

class RenderResponse(_message.Message):
    __slots__ = ("frame",)
    FRAME_FIELD_NUMBER: _ClassVar[int]
    frame: _value_pb2.Tensor
    def __init__(self, frame: _Optional[_Union[_value_pb2.Tensor, _Mapping]] = ...) -> None: ...

class CallMethodRequest(_message.Message):
    __slots__ = ("session_id", "sequence", "name", "env_indices", "arguments", "keyword_arguments")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENV_INDICES_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sequence: int
    name: str
    env_indices: _containers.RepeatedScalarFieldContainer[int]
    arguments: _value_pb2.ListValue
    keyword_arguments: _value_pb2.DictValue
    def __init__(self, session_id: _Optional[str] = ..., sequence: _Optional[int] = ..., name: _Optional[str] = ..., env_indices: _Optional[_Iterable[int]] = ..., arguments: _Optional[_Union[_value_pb2.ListValue, _Mapping]] = ..., keyword_arguments: _Optional[_Union[_value_pb2.DictValue, _Mapping]] = ...) -> None: ...

class CallMethodResponse(_message.Message):
    __slots__ = ("sequence", "results", "fault")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    results: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    fault: _error_pb2.Error
    def __init__(self, sequence: _Optional[int] = ..., results: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ..., fault: _Optional[_Union[_error_pb2.Error, _Mapping]] = ...) -> None: ...

class ReadAttributeRequest(_message.Message):
    __slots__ = ("session_id", "name", "env_indices")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENV_INDICES_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    name: str
    env_indices: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, session_id: _Optional[str] = ..., name: _Optional[str] = ..., env_indices: _Optional[_Iterable[int]] = ...) -> None: ...

class ReadAttributeResponse(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[_value_pb2.Value]
    def __init__(self, values: _Optional[_Iterable[_Union[_value_pb2.Value, _Mapping]]] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session_id",)
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    def __init__(self, session_id: _Optional[str] = ...) -> None: ...

class CloseSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AttachRequest(_message.Message):
    __slots__ = ("session_id", "take_over")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TAKE_OVER_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    take_over: bool
    def __init__(self, session_id: _Optional[str] = ..., take_over: _Optional[bool] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("last_sequence",)
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    last_sequence: int
    def __init__(self, last_sequence: _Optional[int] = ...) -> None: ...

class InteractRequest(_message.Message):
    __slots__ = ("attach", "reset", "step", "render", "close", "call", "read")
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RENDER_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    attach: AttachRequest
    reset: ResetRequest
    step: StepRequest
    render: RenderRequest
    close: CloseSessionRequest
    call: CallMethodRequest
    read: ReadAttributeRequest
    def __init__(self, attach: _Optional[_Union[AttachRequest, _Mapping]] = ..., reset: _Optional[_Union[ResetRequest, _Mapping]] = ..., step: _Optional[_Union[StepRequest, _Mapping]] = ..., render: _Optional[_Union[RenderRequest, _Mapping]] = ..., close: _Optional[_Union[CloseSessionRequest, _Mapping]] = ..., call: _Optional[_Union[CallMethodRequest, _Mapping]] = ..., read: _Optional[_Union[ReadAttributeRequest, _Mapping]] = ...) -> None: ...

class InteractResponse(_message.Message):
    __slots__ = ("attach", "reset", "step", "render", "close", "error", "call", "read")
    ATTACH_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RENDER_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    attach: AttachResponse
    reset: ResetResponse
    step: StepResponse
    render: RenderResponse
    close: CloseSessionResponse
    error: _error_pb2.Error
    call: CallMethodResponse
    read: ReadAttributeResponse
    def __init__(self, attach: _Optional[_Union[AttachResponse, _Mapping]] = ..., reset: _Optional[_Union[ResetResponse, _Mapping]] = ..., step: _Optional[_Union[StepResponse, _Mapping]] = ..., render: _Optional[_Union[RenderResponse, _Mapping]] = ..., close: _Optional[_Union[CloseSessionResponse, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.Error, _Mapping]] = ..., call: _Optional[_Union[CallMethodResponse, _Mapping]] = ..., read: _Optional[_Union[ReadAttributeResponse, _Mapping]] = ...) -> None: ...
