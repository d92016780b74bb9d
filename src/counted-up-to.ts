/**
 * How many of the failures that fit a question are counted (`WhyAnswer.total`): who has more does not need their number to see that the question was too
 * wide. Each is looked up in a place of its own in the index, 500 of them for 2 ms of the 10 that an answer may take.
 */
export const COUNTED_UP_TO = 200;
