#![no_main]

use escucha_fuzz::{notice_panics, selectors};

libfuzzer_sys::fuzz_target!(init: notice_panics(), |data: &[u8]| selectors(data));
