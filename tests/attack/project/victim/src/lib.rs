//! Has the hostile macros built. The attacks are compiled one by one by tests/attack/run.
