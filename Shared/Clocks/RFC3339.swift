// SPDX-License-Identifier: Apache-2.0

/// Date-time text to microseconds and back, without formatter objects or allocation beyond the text.
enum RFC3339 {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The day number since 1970-01-01, rounded towards the past.
    static func day(of microseconds: Int64) -> Int64 {
        let day = microseconds / microsecondsPerDay
        return microseconds % microsecondsPerDay < 0 ? day - 1 : day
    }

    static func text(of microseconds: Int64, fractionDigits: Int) -> String {
        precondition((0...6).contains(fractionDigits), "an instant has six fraction digits at most")
        // Years 0000 to 9999 are all that the format can say.
        let microseconds = min(max(microseconds, -62_167_219_200_000_000), 253_402_300_799_999_999)
        let day = day(of: microseconds)
        let (year, month, dayOfMonth) = civil(fromDay: day)
        var rest = microseconds - day * microsecondsPerDay
        let fraction = rest % 1_000_000
        rest /= 1_000_000
        var output: [UInt8] = []
        output.reserveCapacity(27)
        append(year, digits: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        append(month, digits: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        append(dayOfMonth, digits: 2, to: &output)
        output.append(UInt8(ascii: "T"))
        append(rest / 3600, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(rest / 60 % 60, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(rest % 60, digits: 2, to: &output)
        if fractionDigits > 0 {
            output.append(UInt8(ascii: "."))
            append(fraction, digits: 6, to: &output)
            output.removeLast(6 - fractionDigits)
        }
        output.append(UInt8(ascii: "Z"))
        return String(decoding: output, as: UTF8.self)
    }

    static func microseconds(of text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20,
            let year = number(bytes, 0, 4), bytes[4] == UInt8(ascii: "-"),
            let month = number(bytes, 5, 2), (1...12).contains(month), bytes[7] == UInt8(ascii: "-"),
            let day = number(bytes, 8, 2), (1...daysInMonth(year, month)).contains(day),
            bytes[10] | 0x20 == UInt8(ascii: "t"),
            let hour = number(bytes, 11, 2), hour < 24, bytes[13] == UInt8(ascii: ":"),
            let minute = number(bytes, 14, 2), minute < 60, bytes[16] == UInt8(ascii: ":"),
            let second = number(bytes, 17, 2), second < 60
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                if position - start < 6 { fraction = fraction * 10 + Int64(bytes[position] - 0x30) }
                position += 1
            }
            guard position > start else { return nil }
            for _ in min(position - start, 6)..<6 { fraction *= 10 }
        }
        guard let offset = offsetSeconds(bytes, position) else { return nil }
        let seconds = self.day(fromYear: year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return seconds * 1_000_000 + fraction
    }

    /// `Z`, `+hh:mm` or `-hh:mm` up to the end of the text.
    private static func offsetSeconds(_ bytes: [UInt8], _ position: Int) -> Int64? {
        guard position < bytes.count else { return nil }
        let sign = bytes[position]
        if sign | 0x20 == UInt8(ascii: "z") { return bytes.count == position + 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), bytes.count == position + 6,
            let hours = number(bytes, position + 1, 2), hours < 24, bytes[position + 3] == UInt8(ascii: ":"),
            let minutes = number(bytes, position + 4, 2), minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for index in start..<(start + count) {
            guard (0x30...0x39).contains(bytes[index]) else { return nil }
            value = value * 10 + Int64(bytes[index] - 0x30)
        }
        return value
    }

    private static func append(_ value: Int64, digits: Int, to output: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(truncatingIfNeeded: value / divisor % 10) + 0x30)
            divisor /= 10
        }
    }

    private static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Proleptic Gregorian date to day number; years are shifted to begin in March, so the leap day comes last.
    private static func day(fromYear year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}
