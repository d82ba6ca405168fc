// SPDX-License-Identifier: Apache-2.0

/// A value for one of the signer's own form fields.
package struct FieldValue: Sendable, Equatable {
    /// What is filled in.
    package enum Content: Sendable, Equatable {
        /// For text, date and initials.
        case text(String)
        /// For a checkbox.
        case checked(Bool)
    }

    /// The full name of the field.
    package var name: String
    /// What is filled in.
    package var content: Content

    /// Pairs a field with its value.
    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}
