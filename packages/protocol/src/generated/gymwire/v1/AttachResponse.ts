// Original file: proto/gymwire/v1/env_service.proto


export interface AttachResponse {
  /**
   * The sequence number of the session's last Reset, Step or CallMethod that is over; 0: none yet.
   */
  'lastSequence'?: (number);
}

export interface AttachResponse__Output {
  /**
   * The sequence number of the session's last Reset, Step or CallMethod that is over; 0: none yet.
   */
  'lastSequence': (number);
}
