// Original file: proto/gymwire/v1/env_service.proto

import type { ArgumentSpec as _gymwire_v1_ArgumentSpec, ArgumentSpec__Output as _gymwire_v1_ArgumentSpec__Output } from '../../gymwire/v1/ArgumentSpec.ts';
import type { BatchSpec as _gymwire_v1_BatchSpec, BatchSpec__Output as _gymwire_v1_BatchSpec__Output } from '../../gymwire/v1/BatchSpec.ts';

/**
 * What is known of an environment before it is made.
 */
export interface EnvSpec {
  'id'?: (string);
  'arguments'?: (_gymwire_v1_ArgumentSpec)[];
  /**
   * Steps until an episode is truncated; absent: never.
   */
  'maxEpisodeSteps'?: (number);
  'rewardThreshold'?: (number | string);
  /**
   * The same seed and actions may give different episodes (a real robot).
   */
  'nondeterministic'?: (boolean);
  'renderModes'?: (string)[];
  'renderFps'?: (number | string);
  'description'?: (string);
  /**
   * What clients may call and read beyond Gymnasium's own (capability `calls`). Nothing else is called or read.
   */
  'methods'?: (string)[];
  'attributes'?: (string)[];
  /**
   * Of a simulator that steps many environments at once (capability `batch`): it has vector sessions only, and this says
   * which. Absent: the server steps the environments of a session one by one, any number of them, in any mode.
   */
  'batch'?: (_gymwire_v1_BatchSpec | null);
  '_maxEpisodeSteps'?: "maxEpisodeSteps";
  '_rewardThreshold'?: "rewardThreshold";
  '_renderFps'?: "renderFps";
  '_batch'?: "batch";
}

/**
 * What is known of an environment before it is made.
 */
export interface EnvSpec__Output {
  'id': (string);
  'arguments': (_gymwire_v1_ArgumentSpec__Output)[];
  /**
   * Steps until an episode is truncated; absent: never.
   */
  'maxEpisodeSteps'?: (number);
  'rewardThreshold'?: (number);
  /**
   * The same seed and actions may give different episodes (a real robot).
   */
  'nondeterministic': (boolean);
  'renderModes': (string)[];
  'renderFps'?: (number);
  'description': (string);
  /**
   * What clients may call and read beyond Gymnasium's own (capability `calls`). Nothing else is called or read.
   */
  'methods': (string)[];
  'attributes': (string)[];
  /**
   * Of a simulator that steps many environments at once (capability `batch`): it has vector sessions only, and this says
   * which. Absent: the server steps the environments of a session one by one, any number of them, in any mode.
   */
  'batch'?: (_gymwire_v1_BatchSpec__Output | null);
  '_maxEpisodeSteps'?: "maxEpisodeSteps";
  '_rewardThreshold'?: "rewardThreshold";
  '_renderFps'?: "renderFps";
  '_batch'?: "batch";
}
