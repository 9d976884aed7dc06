// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.22;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {TitleEscrow} from "./TitleEscrow.sol";
import {ITitleEscrowFactory} from "./Interfaces.sol";

/// @title Makes the escrow of a title, for the registry that asks.
/// @notice An escrow's address follows from this factory, its implementation, the registry and the token id, so anybody can
/// compute it and nobody can choose it. A registry makes escrows for itself alone.
contract TitleEscrowFactory is ITitleEscrowFactory {
    /// @notice Slot 0: the contract that every escrow runs.
    address public implementation;

    event TitleEscrowCreated(
        address indexed titleEscrow, address indexed tokenRegistry, uint256 indexed tokenId
    );

    error CreateCallerNotContract();

    constructor() {
        implementation = address(new TitleEscrow());
    }

    function create(uint256 tokenId) external returns (address) {
        if (msg.sender == tx.origin) revert CreateCallerNotContract();
        address escrow = Clones.cloneDeterministic(implementation, _salt(msg.sender, tokenId));
        TitleEscrow(escrow).initialize(msg.sender, tokenId);
        emit TitleEscrowCreated(escrow, msg.sender, tokenId);
        return escrow;
    }

    /// @notice Where the escrow of a title lies, or would.
    function getEscrowAddress(address tokenRegistry, uint256 tokenId) external view returns (address) {
        return Clones.predictDeterministicAddress(implementation, _salt(tokenRegistry, tokenId));
    }

    function _salt(address tokenRegistry, uint256 tokenId) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(tokenRegistry, tokenId));
    }
}
