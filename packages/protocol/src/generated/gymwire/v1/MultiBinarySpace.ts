// Original file: proto/gymwire/v1/space.proto


/**
 * Arrays of zeros and ones (dtype int8).
 */
export interface MultiBinarySpace {
  'shape'?: (number)[];
}

/**
 * Arrays of zeros and ones (dtype int8).
 */
export interface MultiBinarySpace__Output {
  'shape': (number)[];
}
