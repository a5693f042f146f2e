/** How a rule says no. */

/** The server does not do what the rule asks for. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** The rule could not be tried on this server; counts as failed unless a claim says why that is right. */
export class NotExercised extends Error {
  override readonly name = 'NotExercised';
}

/** The rule asks nothing of this server: it has not what the rule is about. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}
