//! What happened, folded into numbers: counters, histograms, time series, the log, and the frames that the page draws.

pub mod frame;
