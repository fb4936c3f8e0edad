//! Reports of load tests: the table, the file, and merging.

mod file;
mod fixture;
mod merging;
mod random;
mod text;
