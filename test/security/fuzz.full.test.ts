/** The same hostile requests, many more of them, from another seed. */
process.env.FUZZ_RUNS ??= "1500";
process.env.FUZZ_SEED ??= "411";
await import("./fuzz.test");

export {};
