import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { ArgumentSpec as _gymwire_v1_ArgumentSpec, ArgumentSpec__Output as _gymwire_v1_ArgumentSpec__Output } from './gymwire/v1/ArgumentSpec.ts';
import type { AttachRequest as _gymwire_v1_AttachRequest, AttachRequest__Output as _gymwire_v1_AttachRequest__Output } from './gymwire/v1/AttachRequest.ts';
import type { AttachResponse as _gymwire_v1_AttachResponse, AttachResponse__Output as _gymwire_v1_AttachResponse__Output } from './gymwire/v1/AttachResponse.ts';
import type { BatchSpec as _gymwire_v1_BatchSpec, BatchSpec__Output as _gymwire_v1_BatchSpec__Output } from './gymwire/v1/BatchSpec.ts';
import type { BoxSpace as _gymwire_v1_BoxSpace, BoxSpace__Output as _gymwire_v1_BoxSpace__Output } from './gymwire/v1/BoxSpace.ts';
import type { CallMethodRequest as _gymwire_v1_CallMethodRequest, CallMethodRequest__Output as _gymwire_v1_CallMethodRequest__Output } from './gymwire/v1/CallMethodRequest.ts';
import type { CallMethodResponse as _gymwire_v1_CallMethodResponse, CallMethodResponse__Output as _gymwire_v1_CallMethodResponse__Output } from './gymwire/v1/CallMethodResponse.ts';
import type { CloseSessionRequest as _gymwire_v1_CloseSessionRequest, CloseSessionRequest__Output as _gymwire_v1_CloseSessionRequest__Output } from './gymwire/v1/CloseSessionRequest.ts';
import type { CloseSessionResponse as _gymwire_v1_CloseSessionResponse, CloseSessionResponse__Output as _gymwire_v1_CloseSessionResponse__Output } from './gymwire/v1/CloseSessionResponse.ts';
import type { DictEntry as _gymwire_v1_DictEntry, DictEntry__Output as _gymwire_v1_DictEntry__Output } from './gymwire/v1/DictEntry.ts';
import type { DictSpace as _gymwire_v1_DictSpace, DictSpace__Output as _gymwire_v1_DictSpace__Output } from './gymwire/v1/DictSpace.ts';
import type { DictSpaceEntry as _gymwire_v1_DictSpaceEntry, DictSpaceEntry__Output as _gymwire_v1_DictSpaceEntry__Output } from './gymwire/v1/DictSpaceEntry.ts';
import type { DictValue as _gymwire_v1_DictValue, DictValue__Output as _gymwire_v1_DictValue__Output } from './gymwire/v1/DictValue.ts';
import type { DiscreteSpace as _gymwire_v1_DiscreteSpace, DiscreteSpace__Output as _gymwire_v1_DiscreteSpace__Output } from './gymwire/v1/DiscreteSpace.ts';
import type { EnvInfo as _gymwire_v1_EnvInfo, EnvInfo__Output as _gymwire_v1_EnvInfo__Output } from './gymwire/v1/EnvInfo.ts';
import type { EnvServiceClient as _gymwire_v1_EnvServiceClient, EnvServiceDefinition as _gymwire_v1_EnvServiceDefinition } from './gymwire/v1/EnvService.ts';
import type { EnvSpec as _gymwire_v1_EnvSpec, EnvSpec__Output as _gymwire_v1_EnvSpec__Output } from './gymwire/v1/EnvSpec.ts';
import type { Error as _gymwire_v1_Error, Error__Output as _gymwire_v1_Error__Output } from './gymwire/v1/Error.ts';
import type { HandshakeRequest as _gymwire_v1_HandshakeRequest, HandshakeRequest__Output as _gymwire_v1_HandshakeRequest__Output } from './gymwire/v1/HandshakeRequest.ts';
import type { HandshakeResponse as _gymwire_v1_HandshakeResponse, HandshakeResponse__Output as _gymwire_v1_HandshakeResponse__Output } from './gymwire/v1/HandshakeResponse.ts';
import type { InfoColumn as _gymwire_v1_InfoColumn, InfoColumn__Output as _gymwire_v1_InfoColumn__Output } from './gymwire/v1/InfoColumn.ts';
import type { InfoColumns as _gymwire_v1_InfoColumns, InfoColumns__Output as _gymwire_v1_InfoColumns__Output } from './gymwire/v1/InfoColumns.ts';
import type { InteractRequest as _gymwire_v1_InteractRequest, InteractRequest__Output as _gymwire_v1_InteractRequest__Output } from './gymwire/v1/InteractRequest.ts';
import type { InteractResponse as _gymwire_v1_InteractResponse, InteractResponse__Output as _gymwire_v1_InteractResponse__Output } from './gymwire/v1/InteractResponse.ts';
import type { ListEnvsRequest as _gymwire_v1_ListEnvsRequest, ListEnvsRequest__Output as _gymwire_v1_ListEnvsRequest__Output } from './gymwire/v1/ListEnvsRequest.ts';
import type { ListEnvsResponse as _gymwire_v1_ListEnvsResponse, ListEnvsResponse__Output as _gymwire_v1_ListEnvsResponse__Output } from './gymwire/v1/ListEnvsResponse.ts';
import type { ListValue as _gymwire_v1_ListValue, ListValue__Output as _gymwire_v1_ListValue__Output } from './gymwire/v1/ListValue.ts';
import type { MakeSessionRequest as _gymwire_v1_MakeSessionRequest, MakeSessionRequest__Output as _gymwire_v1_MakeSessionRequest__Output } from './gymwire/v1/MakeSessionRequest.ts';
import type { MakeSessionResponse as _gymwire_v1_MakeSessionResponse, MakeSessionResponse__Output as _gymwire_v1_MakeSessionResponse__Output } from './gymwire/v1/MakeSessionResponse.ts';
import type { MultiBinarySpace as _gymwire_v1_MultiBinarySpace, MultiBinarySpace__Output as _gymwire_v1_MultiBinarySpace__Output } from './gymwire/v1/MultiBinarySpace.ts';
import type { MultiDiscreteSpace as _gymwire_v1_MultiDiscreteSpace, MultiDiscreteSpace__Output as _gymwire_v1_MultiDiscreteSpace__Output } from './gymwire/v1/MultiDiscreteSpace.ts';
import type { NullValue as _gymwire_v1_NullValue, NullValue__Output as _gymwire_v1_NullValue__Output } from './gymwire/v1/NullValue.ts';
import type { OptionalSeed as _gymwire_v1_OptionalSeed, OptionalSeed__Output as _gymwire_v1_OptionalSeed__Output } from './gymwire/v1/OptionalSeed.ts';
import type { PackedInfos as _gymwire_v1_PackedInfos, PackedInfos__Output as _gymwire_v1_PackedInfos__Output } from './gymwire/v1/PackedInfos.ts';
import type { ProtocolVersion as _gymwire_v1_ProtocolVersion, ProtocolVersion__Output as _gymwire_v1_ProtocolVersion__Output } from './gymwire/v1/ProtocolVersion.ts';
import type { ReadAttributeRequest as _gymwire_v1_ReadAttributeRequest, ReadAttributeRequest__Output as _gymwire_v1_ReadAttributeRequest__Output } from './gymwire/v1/ReadAttributeRequest.ts';
import type { ReadAttributeResponse as _gymwire_v1_ReadAttributeResponse, ReadAttributeResponse__Output as _gymwire_v1_ReadAttributeResponse__Output } from './gymwire/v1/ReadAttributeResponse.ts';
import type { RenderRequest as _gymwire_v1_RenderRequest, RenderRequest__Output as _gymwire_v1_RenderRequest__Output } from './gymwire/v1/RenderRequest.ts';
import type { RenderResponse as _gymwire_v1_RenderResponse, RenderResponse__Output as _gymwire_v1_RenderResponse__Output } from './gymwire/v1/RenderResponse.ts';
import type { ResetRequest as _gymwire_v1_ResetRequest, ResetRequest__Output as _gymwire_v1_ResetRequest__Output } from './gymwire/v1/ResetRequest.ts';
import type { ResetResponse as _gymwire_v1_ResetResponse, ResetResponse__Output as _gymwire_v1_ResetResponse__Output } from './gymwire/v1/ResetResponse.ts';
import type { SeedList as _gymwire_v1_SeedList, SeedList__Output as _gymwire_v1_SeedList__Output } from './gymwire/v1/SeedList.ts';
import type { Space as _gymwire_v1_Space, Space__Output as _gymwire_v1_Space__Output } from './gymwire/v1/Space.ts';
import type { StepRequest as _gymwire_v1_StepRequest, StepRequest__Output as _gymwire_v1_StepRequest__Output } from './gymwire/v1/StepRequest.ts';
import type { StepResponse as _gymwire_v1_StepResponse, StepResponse__Output as _gymwire_v1_StepResponse__Output } from './gymwire/v1/StepResponse.ts';
import type { Tensor as _gymwire_v1_Tensor, Tensor__Output as _gymwire_v1_Tensor__Output } from './gymwire/v1/Tensor.ts';
import type { TextSpace as _gymwire_v1_TextSpace, TextSpace__Output as _gymwire_v1_TextSpace__Output } from './gymwire/v1/TextSpace.ts';
import type { TupleSpace as _gymwire_v1_TupleSpace, TupleSpace__Output as _gymwire_v1_TupleSpace__Output } from './gymwire/v1/TupleSpace.ts';
import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from './gymwire/v1/Value.ts';

type SubtypeConstructor<Constructor extends new (...args: never) => unknown, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  gymwire: {
    v1: {
      ArgumentSpec: MessageTypeDefinition<_gymwire_v1_ArgumentSpec, _gymwire_v1_ArgumentSpec__Output>
      ArgumentType: EnumTypeDefinition
      AttachRequest: MessageTypeDefinition<_gymwire_v1_AttachRequest, _gymwire_v1_AttachRequest__Output>
      AttachResponse: MessageTypeDefinition<_gymwire_v1_AttachResponse, _gymwire_v1_AttachResponse__Output>
      AutoresetMode: EnumTypeDefinition
      BatchSeeding: EnumTypeDefinition
      BatchSpec: MessageTypeDefinition<_gymwire_v1_BatchSpec, _gymwire_v1_BatchSpec__Output>
      BoxSpace: MessageTypeDefinition<_gymwire_v1_BoxSpace, _gymwire_v1_BoxSpace__Output>
      CallMethodRequest: MessageTypeDefinition<_gymwire_v1_CallMethodRequest, _gymwire_v1_CallMethodRequest__Output>
      CallMethodResponse: MessageTypeDefinition<_gymwire_v1_CallMethodResponse, _gymwire_v1_CallMethodResponse__Output>
      CloseSessionRequest: MessageTypeDefinition<_gymwire_v1_CloseSessionRequest, _gymwire_v1_CloseSessionRequest__Output>
      CloseSessionResponse: MessageTypeDefinition<_gymwire_v1_CloseSessionResponse, _gymwire_v1_CloseSessionResponse__Output>
      DType: EnumTypeDefinition
      DictEntry: MessageTypeDefinition<_gymwire_v1_DictEntry, _gymwire_v1_DictEntry__Output>
      DictSpace: MessageTypeDefinition<_gymwire_v1_DictSpace, _gymwire_v1_DictSpace__Output>
      DictSpaceEntry: MessageTypeDefinition<_gymwire_v1_DictSpaceEntry, _gymwire_v1_DictSpaceEntry__Output>
      DictValue: MessageTypeDefinition<_gymwire_v1_DictValue, _gymwire_v1_DictValue__Output>
      DiscreteSpace: MessageTypeDefinition<_gymwire_v1_DiscreteSpace, _gymwire_v1_DiscreteSpace__Output>
      EnvInfo: MessageTypeDefinition<_gymwire_v1_EnvInfo, _gymwire_v1_EnvInfo__Output>
      /**
       * Environments with Gymnasium's semantics over the wire.
       *
       * `Interact` is the hot path: one stream attached to one session. The unary RPCs call the same session
       * functions and exist for tools and scripts.
       */
      EnvService: SubtypeConstructor<typeof grpc.Client, _gymwire_v1_EnvServiceClient> & { service: _gymwire_v1_EnvServiceDefinition }
      EnvSpec: MessageTypeDefinition<_gymwire_v1_EnvSpec, _gymwire_v1_EnvSpec__Output>
      Error: MessageTypeDefinition<_gymwire_v1_Error, _gymwire_v1_Error__Output>
      ErrorCode: EnumTypeDefinition
      HandshakeRequest: MessageTypeDefinition<_gymwire_v1_HandshakeRequest, _gymwire_v1_HandshakeRequest__Output>
      HandshakeResponse: MessageTypeDefinition<_gymwire_v1_HandshakeResponse, _gymwire_v1_HandshakeResponse__Output>
      InfoColumn: MessageTypeDefinition<_gymwire_v1_InfoColumn, _gymwire_v1_InfoColumn__Output>
      InfoColumns: MessageTypeDefinition<_gymwire_v1_InfoColumns, _gymwire_v1_InfoColumns__Output>
      InteractRequest: MessageTypeDefinition<_gymwire_v1_InteractRequest, _gymwire_v1_InteractRequest__Output>
      InteractResponse: MessageTypeDefinition<_gymwire_v1_InteractResponse, _gymwire_v1_InteractResponse__Output>
      ListEnvsRequest: MessageTypeDefinition<_gymwire_v1_ListEnvsRequest, _gymwire_v1_ListEnvsRequest__Output>
      ListEnvsResponse: MessageTypeDefinition<_gymwire_v1_ListEnvsResponse, _gymwire_v1_ListEnvsResponse__Output>
      ListValue: MessageTypeDefinition<_gymwire_v1_ListValue, _gymwire_v1_ListValue__Output>
      MakeSessionRequest: MessageTypeDefinition<_gymwire_v1_MakeSessionRequest, _gymwire_v1_MakeSessionRequest__Output>
      MakeSessionResponse: MessageTypeDefinition<_gymwire_v1_MakeSessionResponse, _gymwire_v1_MakeSessionResponse__Output>
      MultiBinarySpace: MessageTypeDefinition<_gymwire_v1_MultiBinarySpace, _gymwire_v1_MultiBinarySpace__Output>
      MultiDiscreteSpace: MessageTypeDefinition<_gymwire_v1_MultiDiscreteSpace, _gymwire_v1_MultiDiscreteSpace__Output>
      NullValue: MessageTypeDefinition<_gymwire_v1_NullValue, _gymwire_v1_NullValue__Output>
      OptionalSeed: MessageTypeDefinition<_gymwire_v1_OptionalSeed, _gymwire_v1_OptionalSeed__Output>
      OutOfBoundsRule: EnumTypeDefinition
      PackedInfos: MessageTypeDefinition<_gymwire_v1_PackedInfos, _gymwire_v1_PackedInfos__Output>
      ProtocolVersion: MessageTypeDefinition<_gymwire_v1_ProtocolVersion, _gymwire_v1_ProtocolVersion__Output>
      ReadAttributeRequest: MessageTypeDefinition<_gymwire_v1_ReadAttributeRequest, _gymwire_v1_ReadAttributeRequest__Output>
      ReadAttributeResponse: MessageTypeDefinition<_gymwire_v1_ReadAttributeResponse, _gymwire_v1_ReadAttributeResponse__Output>
      RenderRequest: MessageTypeDefinition<_gymwire_v1_RenderRequest, _gymwire_v1_RenderRequest__Output>
      RenderResponse: MessageTypeDefinition<_gymwire_v1_RenderResponse, _gymwire_v1_RenderResponse__Output>
      ResetRequest: MessageTypeDefinition<_gymwire_v1_ResetRequest, _gymwire_v1_ResetRequest__Output>
      ResetResponse: MessageTypeDefinition<_gymwire_v1_ResetResponse, _gymwire_v1_ResetResponse__Output>
      SeedList: MessageTypeDefinition<_gymwire_v1_SeedList, _gymwire_v1_SeedList__Output>
      Space: MessageTypeDefinition<_gymwire_v1_Space, _gymwire_v1_Space__Output>
      StepRequest: MessageTypeDefinition<_gymwire_v1_StepRequest, _gymwire_v1_StepRequest__Output>
      StepResponse: MessageTypeDefinition<_gymwire_v1_StepResponse, _gymwire_v1_StepResponse__Output>
      Tensor: MessageTypeDefinition<_gymwire_v1_Tensor, _gymwire_v1_Tensor__Output>
      TextSpace: MessageTypeDefinition<_gymwire_v1_TextSpace, _gymwire_v1_TextSpace__Output>
      TupleSpace: MessageTypeDefinition<_gymwire_v1_TupleSpace, _gymwire_v1_TupleSpace__Output>
      Value: MessageTypeDefinition<_gymwire_v1_Value, _gymwire_v1_Value__Output>
    }
  }
}

