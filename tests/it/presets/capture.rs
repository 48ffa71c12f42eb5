//! `escucha capture`, black box.
