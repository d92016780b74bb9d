/** Several writers on one pipe tear only lines that don't fit into one write (PIPE_BUF): in a longer line another one's entry may begin. */
export const TORN_LINE_CHARS = 4096;
