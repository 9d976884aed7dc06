// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @notice Who may do what: the role interface of ERC-165 id 0x7965db0b, refusing with texts.
/// @dev Document stores in use refuse with a text and not with a custom error, and keep their roles at storage slot 105;
/// whoever reads or proves those must find the same here. That is why no library contract is inherited.
abstract contract RoleBook {
    struct Role {
        mapping(address account => bool) members;
        bytes32 admin;
    }

    /// @dev Slots 5 to 104 stay empty, so that the next variable lies at 105.
    uint256[100] private _reserved;
    mapping(bytes32 role => Role) private _roles;

    bytes32 public constant DEFAULT_ADMIN_ROLE = 0x00;

    event RoleAdminChanged(
        bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole
    );
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);

    modifier onlyRole(bytes32 role) {
        _requireRole(role);
        _;
    }

    function grantRole(bytes32 role, address account) external onlyRole(getRoleAdmin(role)) {
        _grantRole(role, account);
    }

    function revokeRole(bytes32 role, address account) external onlyRole(getRoleAdmin(role)) {
        _dropRole(role, account);
    }

    /// @notice Lay down a role of one's own; `account` repeats the sender, against slips.
    function renounceRole(bytes32 role, address account) external {
        require(account == msg.sender, "AccessControl: can only renounce roles for self");
        _dropRole(role, account);
    }

    function hasRole(bytes32 role, address account) public view returns (bool) {
        return _roles[role].members[account];
    }

    /// @notice The role whose members grant and revoke this one. Nothing changes it: it is always the default admin role.
    function getRoleAdmin(bytes32 role) public view returns (bytes32) {
        return _roles[role].admin;
    }

    function _grantRole(bytes32 role, address account) internal {
        if (hasRole(role, account)) return;
        _roles[role].members[account] = true;
        emit RoleGranted(role, account, msg.sender);
    }

    function _dropRole(bytes32 role, address account) private {
        if (!hasRole(role, account)) return;
        _roles[role].members[account] = false;
        emit RoleRevoked(role, account, msg.sender);
    }

    function _requireRole(bytes32 role) private view {
        if (hasRole(role, msg.sender)) return;
        string memory who = Strings.toHexString(msg.sender);
        string memory what = Strings.toHexString(uint256(role), 32);
        revert(string.concat("AccessControl: account ", who, " is missing role ", what));
    }
}
