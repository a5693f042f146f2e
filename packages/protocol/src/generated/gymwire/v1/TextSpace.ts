// Original file: proto/gymwire/v1/space.proto


export interface TextSpace {
  'minLength'?: (number);
  'maxLength'?: (number);
  /**
   * Every allowed character, once.
   */
  'charset'?: (string);
}

export interface TextSpace__Output {
  'minLength': (number);
  'maxLength': (number);
  /**
   * Every allowed character, once.
   */
  'charset': (string);
}
