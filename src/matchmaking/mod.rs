//! Who is paired with whom: the pure pool, its rules, and the actor around it.

pub mod preferences;
