from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_CODE_UNSPECIFIED: _ClassVar[ErrorCode]
    ERROR_CODE_VERSION_MISMATCH: _ClassVar[ErrorCode]
    ERROR_CODE_UNKNOWN_ENV: _ClassVar[ErrorCode]
    ERROR_CODE_UNKNOWN_ARGUMENT: _ClassVar[ErrorCode]
    ERROR_CODE_INVALID_ARGUMENT: _ClassVar[ErrorCode]
    ERROR_CODE_CAPACITY: _ClassVar[ErrorCode]
    ERROR_CODE_SESSION_GONE: _ClassVar[ErrorCode]
    ERROR_CODE_SESSION_BUSY: _ClassVar[ErrorCode]
    ERROR_CODE_NOT_RESET: _ClassVar[ErrorCode]
    ERROR_CODE_BAD_ACTION: _ClassVar[ErrorCode]
    ERROR_CODE_NON_FINITE_ACTION: _ClassVar[ErrorCode]
    ERROR_CODE_ACTION_OUT_OF_BOUNDS: _ClassVar[ErrorCode]
    ERROR_CODE_BAD_SEQUENCE: _ClassVar[ErrorCode]
    ERROR_CODE_ENV_FAILED: _ClassVar[ErrorCode]
    ERROR_CODE_NON_FINITE_OBSERVATION: _ClassVar[ErrorCode]
    ERROR_CODE_UNSUPPORTED: _ClassVar[ErrorCode]
    ERROR_CODE_UNAUTHENTICATED: _ClassVar[ErrorCode]
    ERROR_CODE_SHUTTING_DOWN: _ClassVar[ErrorCode]
    ERROR_CODE_MALFORMED: _ClassVar[ErrorCode]
    ERROR_CODE_INTERNAL: _ClassVar[ErrorCode]
ERROR_CODE_UNSPECIFIED: ErrorCode
ERROR_CODE_VERSION_MISMATCH: ErrorCode
ERROR_CODE_UNKNOWN_ENV: ErrorCode
ERROR_CODE_UNKNOWN_ARGUMENT: ErrorCode
ERROR_CODE_INVALID_ARGUMENT: ErrorCode
ERROR_CODE_CAPACITY: ErrorCode
ERROR_CODE_SESSION_GONE: ErrorCode
ERROR_CODE_SESSION_BUSY: ErrorCode
ERROR_CODE_NOT_RESET: ErrorCode
ERROR_CODE_BAD_ACTION: ErrorCode
ERROR_CODE_NON_FINITE_ACTION: ErrorCode
ERROR_CODE_ACTION_OUT_OF_BOUNDS: ErrorCode
ERROR_CODE_BAD_SEQUENCE: ErrorCode
ERROR_CODE_ENV_FAILED: ErrorCode
ERROR_CODE_NON_FINITE_OBSERVATION: ErrorCode
ERROR_CODE_UNSUPPORTED: ErrorCode
ERROR_CODE_UNAUTHENTICATED: ErrorCode
ERROR_CODE_SHUTTING_DOWN: ErrorCode
ERROR_CODE_MALFORMED: ErrorCode
ERROR_CODE_INTERNAL: ErrorCode

class Error(_message.Message):
    __slots__ = ("code", "message", "details")
    class DetailsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    code: ErrorCode
    message: str
    details: _containers.ScalarMap[str, str]
    def __init__(self, code: _Optional[_Union[ErrorCode, str]] = ..., message: _Optional[str] = ..., details: _Optional[_Mapping[str, str]] = ...) -> None: ...
