#![no_main]

use escucha_fuzz::{notice_panics, query};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| query(data));
