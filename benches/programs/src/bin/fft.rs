//! rustfft: `{"points": n}` in; a signal of that length is transformed there and back, and the error that is left comes out.

use rustfft::{FftPlanner, num_complex::Complex};

fn main() {
    let input: serde_json::Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let points = usize::try_from(input["points"].as_u64().expect("points")).expect("not so many");
    let signal: Vec<Complex<f64>> =
        (0..points).map(|at| Complex::new((at as f64 * 0.37).sin() + (at as f64 * 0.011).cos(), (at % 17) as f64)).collect();
    let mut planner = FftPlanner::new();
    let mut buffer = signal.clone();
    planner.plan_fft_forward(points).process(&mut buffer);
    let peak = buffer.iter().map(|value| value.norm()).fold(0.0, f64::max);
    planner.plan_fft_inverse(points).process(&mut buffer);
    let error = signal.iter().zip(&buffer).map(|(one, other)| (one - other / points as f64).norm()).fold(0.0, f64::max);
    println!("{}", serde_json::json!({ "points": points, "peak": peak.round(), "close": error < 1e-9 }));
}
