//! Reports of load tests: the table, the page, the file, and merging.

mod extremes;
mod file;
mod fixture;
mod merging;
mod page;
mod random;
mod text;
