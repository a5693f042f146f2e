// Original file: proto/gymwire/v1/env_service.proto


export interface ProtocolVersion {
  /**
   * Raised when an older peer could misunderstand; majors must be equal.
   */
  'major'?: (number);
  /**
   * Raised when something was added that older peers may ignore.
   */
  'minor'?: (number);
}

export interface ProtocolVersion__Output {
  /**
   * Raised when an older peer could misunderstand; majors must be equal.
   */
  'major': (number);
  /**
   * Raised when something was added that older peers may ignore.
   */
  'minor': (number);
}
