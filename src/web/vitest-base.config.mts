import { defineConfig } from "vitest/config";

// Bun's child processes miss a method that the default pool of forks needs; threads do without it.
export default defineConfig({ test: { pool: "threads" } });
