//! docs/keywords.md, followed step by step.
