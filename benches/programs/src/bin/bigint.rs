//! num-bigint: `{"digits": n}` in, that many digits of pi out, by their checksum and their last ten.

use num_bigint::BigInt;
use num_integer::Integer;

/// The arctangent of 1/x, scaled by `unit`, as a series.
fn arctan_of_inverse(x: u32, unit: &BigInt) -> BigInt {
    let square = BigInt::from(x * x);
    let mut power = unit / x;
    let mut sum = power.clone();
    let mut divisor = 1;
    while power != BigInt::ZERO {
        power = power.div_floor(&square);
        divisor += 2;
        let term = &power / divisor;
        if divisor % 4 == 3 { sum -= term } else { sum += term }
    }
    sum
}

fn main() {
    let input: serde_json::Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let digits = u32::try_from(input["digits"].as_u64().expect("digits")).expect("not so many");
    let unit = BigInt::from(10).pow(digits + 10);
    let machin = 4 * (4 * arctan_of_inverse(5, &unit) - arctan_of_inverse(239, &unit));
    let pi: BigInt = machin / BigInt::from(10).pow(10);
    let text = pi.to_string();
    let sum: u32 = text.bytes().map(|digit| u32::from(digit - b'0')).sum();
    println!("{}", serde_json::json!({ "sum": sum, "last": &text[text.len() - 10..] }));
}
