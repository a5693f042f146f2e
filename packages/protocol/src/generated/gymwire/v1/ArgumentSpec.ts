// Original file: proto/gymwire/v1/env_service.proto

import type { ArgumentType as _gymwire_v1_ArgumentType, ArgumentType__Output as _gymwire_v1_ArgumentType__Output } from '../../gymwire/v1/ArgumentType.ts';
import type { Value as _gymwire_v1_Value, Value__Output as _gymwire_v1_Value__Output } from '../../gymwire/v1/Value.ts';

/**
 * One keyword argument that an env allows, with its range. Nothing else is accepted.
 */
export interface ArgumentSpec {
  'name'?: (string);
  'type'?: (_gymwire_v1_ArgumentType);
  'defaultValue'?: (_gymwire_v1_Value | null);
  'minimum'?: (number | string);
  'maximum'?: (number | string);
  /**
   * Strings only: the values allowed.
   */
  'choices'?: (string)[];
  /**
   * Float lists only.
   */
  'length'?: (number);
  'description'?: (string);
  '_minimum'?: "minimum";
  '_maximum'?: "maximum";
  '_length'?: "length";
}

/**
 * One keyword argument that an env allows, with its range. Nothing else is accepted.
 */
export interface ArgumentSpec__Output {
  'name': (string);
  'type': (_gymwire_v1_ArgumentType__Output);
  'defaultValue': (_gymwire_v1_Value__Output | null);
  'minimum'?: (number);
  'maximum'?: (number);
  /**
   * Strings only: the values allowed.
   */
  'choices': (string)[];
  /**
   * Float lists only.
   */
  'length'?: (number);
  'description': (string);
  '_minimum'?: "minimum";
  '_maximum'?: "maximum";
  '_length'?: "length";
}
