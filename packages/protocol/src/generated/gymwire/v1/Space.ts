// Original file: proto/gymwire/v1/space.proto

import type { BoxSpace as _gymwire_v1_BoxSpace, BoxSpace__Output as _gymwire_v1_BoxSpace__Output } from '../../gymwire/v1/BoxSpace.ts';
import type { DiscreteSpace as _gymwire_v1_DiscreteSpace, DiscreteSpace__Output as _gymwire_v1_DiscreteSpace__Output } from '../../gymwire/v1/DiscreteSpace.ts';
import type { MultiBinarySpace as _gymwire_v1_MultiBinarySpace, MultiBinarySpace__Output as _gymwire_v1_MultiBinarySpace__Output } from '../../gymwire/v1/MultiBinarySpace.ts';
import type { MultiDiscreteSpace as _gymwire_v1_MultiDiscreteSpace, MultiDiscreteSpace__Output as _gymwire_v1_MultiDiscreteSpace__Output } from '../../gymwire/v1/MultiDiscreteSpace.ts';
import type { DictSpace as _gymwire_v1_DictSpace, DictSpace__Output as _gymwire_v1_DictSpace__Output } from '../../gymwire/v1/DictSpace.ts';
import type { TupleSpace as _gymwire_v1_TupleSpace, TupleSpace__Output as _gymwire_v1_TupleSpace__Output } from '../../gymwire/v1/TupleSpace.ts';
import type { TextSpace as _gymwire_v1_TextSpace, TextSpace__Output as _gymwire_v1_TextSpace__Output } from '../../gymwire/v1/TextSpace.ts';

/**
 * What an observation or an action may be: Gymnasium's spaces.
 */
export interface Space {
  'box'?: (_gymwire_v1_BoxSpace | null);
  'discrete'?: (_gymwire_v1_DiscreteSpace | null);
  'multiBinary'?: (_gymwire_v1_MultiBinarySpace | null);
  'multiDiscrete'?: (_gymwire_v1_MultiDiscreteSpace | null);
  'dict'?: (_gymwire_v1_DictSpace | null);
  'tuple'?: (_gymwire_v1_TupleSpace | null);
  'text'?: (_gymwire_v1_TextSpace | null);
  'kind'?: "box"|"discrete"|"multiBinary"|"multiDiscrete"|"dict"|"tuple"|"text";
}

/**
 * What an observation or an action may be: Gymnasium's spaces.
 */
export interface Space__Output {
  'box'?: (_gymwire_v1_BoxSpace__Output | null);
  'discrete'?: (_gymwire_v1_DiscreteSpace__Output | null);
  'multiBinary'?: (_gymwire_v1_MultiBinarySpace__Output | null);
  'multiDiscrete'?: (_gymwire_v1_MultiDiscreteSpace__Output | null);
  'dict'?: (_gymwire_v1_DictSpace__Output | null);
  'tuple'?: (_gymwire_v1_TupleSpace__Output | null);
  'text'?: (_gymwire_v1_TextSpace__Output | null);
  'kind'?: "box"|"discrete"|"multiBinary"|"multiDiscrete"|"dict"|"tuple"|"text";
}
