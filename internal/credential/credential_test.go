package credential

import "testing"

func TestAccountOfAKey(t *testing.T) {
	for _, test := range []struct{ key, local, parity string }{
		{"", DefaultAccount, DefaultAccount},
		{"test", DefaultAccount, DefaultAccount},
		{"123456789012", "123456789012", "123456789012"},
		{"1234567890123", "123456789012", "123456789012"}, // the first twelve
		{"12345678901", DefaultAccount, DefaultAccount},
		{"12345678901x", DefaultAccount, DefaultAccount},
		{"LSIAQAAAAAAAAAAAAAAA", "000000000000", "000000000000"},
		{"LKIAQAAAAAAAQAAAAAAA", "000000000001", "000000000001"},
		{"LSIAQAAAAAAAQAAAAAA", DefaultAccount, DefaultAccount},  // too short
		{"LSIA0AAAAAAAQAAAAAAA", DefaultAccount, DefaultAccount}, // no digit
		{"LSIAAAAAAAAAAAAAAAAA", DefaultAccount, DefaultAccount}, // less than no account
		{"LSIA77777777QAAAAAAA", DefaultAccount, DefaultAccount}, // more than there are
		{"ASIAQAAAAAAAQAAAAAAA", DefaultAccount, "000000000001"},
		{"AKIAQAAAAAAAQAAAAAAA", DefaultAccount, "000000000001"},
		{"XXIAQAAAAAAAQAAAAAAA", DefaultAccount, DefaultAccount},
	} {
		if got := (Keys{}).Account(test.key); got != test.local {
			t.Errorf("%s: got %s, want %s", test.key, got, test.local)
		}
		if got := (Keys{Parity: true}).Account(test.key); got != test.parity {
			t.Errorf("%s, as on AWS: got %s, want %s", test.key, got, test.parity)
		}
	}
}

func TestNewKeyHoldsItsAccount(t *testing.T) {
	seen := map[string]bool{}
	for _, account := range []string{"000000000000", "000000000001", "000000000002", "123456789012", "549755813887", "549755813888", "999999999998", "999999999999"} {
		for _, keys := range []Keys{{}, {Parity: true}} {
			for range 50 { // the rest of a key is random
				key := keys.New(account)
				if len(key) != 20 || seen[key] {
					t.Fatalf("got %s", key)
				}
				seen[key] = true
				if got := keys.Account(key); got != account {
					t.Fatalf("%s: got %s, want %s", key, got, account)
				}
			}
		}
	}
	if key := (Keys{Parity: true}).New("123456789012"); key[:4] != "ASIA" || (Keys{}).Account(key) != DefaultAccount {
		t.Errorf("got %s", key)
	}
}
