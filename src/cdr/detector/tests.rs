//! S-curves against closed forms.
